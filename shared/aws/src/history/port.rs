//! The port.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use headroom_core::history::near;
use headroom_core::id::{DecisionId, ID_CHARACTERS};
use headroom_pipeline::{Decided, Found, History, NEAR_MAX, PortError, Wanted};
use jiff::Timestamp;

use super::find::{Pointer, Sought};
use super::reader::Reader;

/// Parts of the index at once.
const AT_ONCE: usize = 8;

impl History for Reader {
    /// One part of the index holds every entry of an id; it is read to its end, because two entries may share one.
    async fn decided(&self, id: &DecisionId, since: Timestamp) -> Result<Decided, PortError> {
        let shard = id.shard();
        let sought = Sought { shard: &shard, since, until: Timestamp::MAX, service: None, most: usize::MAX };
        let mut pointers = self.find(sought).await?;
        let mut near: Vec<_> = pointers.iter().map(|p| p.named.clone()).filter(|n| near(&n.decision, id)).collect();
        pointers.retain(|p| p.named.decision == *id);
        near.sort_by(|a, b| b.cmp(a));
        near.truncate(NEAR_MAX);
        let mut entries = self.fetch(&pointers).await?;
        entries.reverse();
        Ok(Decided { entries, near })
    }

    async fn list(&self, wanted: &Wanted) -> Result<Found, PortError> {
        let most = wanted.limit.saturating_add(1);
        let shards: Vec<String> = ID_CHARACTERS.chars().map(String::from).collect();
        let (since, until, service) = (wanted.since, wanted.until, wanted.service.as_deref());
        let parts = shards.iter().map(|shard| self.find(Sought { shard, since, until, service, most }));
        let parts: Vec<Vec<Pointer>> = stream::iter(parts).buffer_unordered(AT_ONCE).try_collect().await?;
        let mut pointers: Vec<Pointer> = parts.into_iter().flatten().collect();
        pointers.sort_by(|a, b| b.named.cmp(&a.named));
        let older = pointers.len() > wanted.limit;
        pointers.truncate(wanted.limit);
        Ok(Found { entries: self.fetch(&pointers).await?, older })
    }
}
