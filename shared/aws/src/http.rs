//! One HTTP client for every service, with an explicit trust store.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::base64;

use crate::start_error::StartError;

include!(concat!(env!("OUT_DIR"), "/roots.rs"));

/// Names a PEM file whose certificates are trusted instead of the embedded ones.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// The client: rustls with ring, roots of Amazon Trust Services or the bundle's. Connections are opened when
/// they are first needed; plain `http` endpoints are reached without TLS.
///
/// # Errors
/// The bundle cannot be used.
pub(crate) fn client() -> Result<SharedHttpClient, StartError> {
    over(store()?)
}

/// What the client trusts, for a call that no SDK makes.
///
/// # Errors
/// The bundle cannot be used.
pub(crate) fn trusted() -> Result<TlsContext, StartError> {
    context(store()?)
}

fn store() -> Result<TrustStore, StartError> {
    let bundle = std::env::var(CA_BUNDLE).ok().filter(|path| !path.is_empty());
    Ok(match bundle {
        Some(path) => TrustStore::empty().with_pem_certificate(read_bundle(&path)?),
        None => embedded(),
    })
}

fn over(store: TrustStore) -> Result<SharedHttpClient, StartError> {
    Ok(Builder::new().tls_provider(provider()).tls_context(context(store)?).build_https())
}

/// The one TLS library.
pub(crate) fn provider() -> Provider {
    Provider::rustls(CryptoMode::Ring)
}

fn context(store: TrustStore) -> Result<TlsContext, StartError> {
    TlsContext::builder().with_trust_store(store).build().map_err(|e| StartError::Tls(e.to_string()))
}

/// Trust in what any public authority signed, for services that are not AWS's.
///
/// # Errors
/// The TLS library takes no trust store.
pub(crate) fn public() -> Result<TlsContext, StartError> {
    context(of(&PUBLIC_ROOTS))
}

fn embedded() -> TrustStore {
    of(&AMAZON_ROOTS)
}

fn of(roots: &[&[u8]]) -> TrustStore {
    roots.iter().fold(TrustStore::empty(), |store, der| {
        let text = base64::encode(der);
        store.with_pem_certificate(format!("{PEM_BEGIN}\n{text}\n-----END CERTIFICATE-----\n"))
    })
}

fn read_bundle(path: &str) -> Result<Vec<u8>, StartError> {
    let failed = |cause| StartError::File { path: path.to_owned(), variable: CA_BUNDLE, cause };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    if !bytes.windows(PEM_BEGIN.len()).any(|window| window == PEM_BEGIN.as_bytes()) {
        return Err(failed("holds no PEM certificate".to_owned()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_are_whole_certificates() {
        assert!(PUBLIC_ROOTS.len() > 100, "{}", PUBLIC_ROOTS.len());
        for der in AMAZON_ROOTS.into_iter().chain(PUBLIC_ROOTS).filter(|der| der[1] == 0x82) {
            let length = usize::from(der[2]) << 8 | usize::from(der[3]);
            assert_eq!(&der[..2], &[0x30, 0x82]);
            assert_eq!(der.len(), length + 4);
        }
    }

    /// The TLS library ends the process over a root that it cannot read, and reads them at the first call.
    #[tokio::test]
    async fn tls_takes_the_embedded_roots() {
        use aws_sdk_ecs::config::{BehaviorVersion, Config, Credentials, Region};
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .endpoint_url("https://127.0.0.1:1")
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .http_client(over(embedded()).unwrap())
            .build();
        let refused = aws_sdk_ecs::Client::from_conf(config).describe_services().services("web").send().await;
        assert!(matches!(refused, Err(aws_sdk_ecs::error::SdkError::DispatchFailure(_))), "{refused:?}");
    }

    #[test]
    fn a_bundle_without_certificates_is_refused_with_its_name() {
        for path in ["/nowhere.pem", "/dev/null"] {
            let error = read_bundle(path).unwrap_err().to_string();
            assert!(error.contains(path) && error.contains(CA_BUNDLE), "{error}");
        }
    }
}
