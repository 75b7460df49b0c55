//! Who reads which table.

use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use headroom_pipeline::{PortError, Retry};
use tokio::runtime::Runtime;

use crate::journal::ENTRIES_INDEX;
use crate::person::{Caller, Connected, Failure, failed, runtime};
pub use crate::settings::TABLE_DEFAULT;

/// The table as a person reads it.
#[derive(Debug)]
pub struct Reader {
    runtime: Runtime,
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) table: String,
    /// Endpoint or region, for messages.
    place: String,
}

impl Reader {
    /// Finds credentials and region; the table is not called yet.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn connect(caller: &Caller, table: &str) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let Connected { config, region } = runtime.block_on(caller.connect())?;
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        Ok(Self { runtime, dynamodb, table: table.to_owned(), place: caller.place("DYNAMODB", &region) })
    }

    /// Waits for something that is read through this reader.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Table and place, as messages name them.
    #[must_use]
    pub fn table(&self) -> String {
        format!("table {} in {}", self.table, self.place)
    }

    /// A failed call; the cause is the whole sentence.
    pub(super) fn failed<E>(&self, action: &'static str, error: &SdkError<E, HttpResponse>) -> PortError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = self.known(error).unwrap_or_else(|| failed(action, self.place.clone(), error));
        PortError { place: action.to_owned(), cause: failure.to_string(), retry: Retry::Never }
    }

    /// A table or an index that is not there.
    fn known<E: ProvideErrorMetadata>(&self, error: &SdkError<E, HttpResponse>) -> Option<Failure> {
        let SdkError::ServiceError(service) = error else { return None };
        let meta = service.err().meta();
        let (table, place) = (self.table.clone(), self.place.clone());
        match meta.code()? {
            "ResourceNotFoundException" => Some(Failure::NoTable { table, place }),
            // DynamoDB has no code of its own for it; while an index is being filled, it says so in other words.
            "ValidationException" if meta.message().is_some_and(|words| words.contains("specified index")) => {
                Some(Failure::NoIndex { table, index: ENTRIES_INDEX, place })
            }
            _ => None,
        }
    }
}
