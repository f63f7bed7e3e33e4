//! RPKI.

use super::Frr;
use crate::config::{Model, Rpki};
use crate::types::{BgpModule, FrrRelease};
use serde::Serialize;

/// The `rpki` block; FRR's own times are not written.
#[derive(Debug, Serialize)]
pub(super) struct View {
    polling_period: Option<u32>,
    retry_interval: Option<u32>,
    expire_interval: Option<u32>,
    caches: Vec<Cache>,
}

#[derive(Debug, Serialize)]
struct Cache {
    /// FRR 10 has caches behind SSH as well, and wants to be told.
    over_tcp: bool,
    server: String,
    port: u16,
    preference: u8,
}

/// Whether bgpd knows what is said of RPKI. FRR 8 loses everything behind a block that it does not know.
pub(super) fn is_known(frr: &Frr) -> bool {
    !frr.lacks.contains(&BgpModule::Rpki)
}

/// The block, where bgpd knows it.
pub(super) fn view(model: &Model, frr: &Frr) -> Option<View> {
    let rpki = model.rpki.as_ref().filter(|_| is_known(frr))?;
    Some(of(rpki, frr.release))
}

fn of(rpki: &Rpki, release: FrrRelease) -> View {
    let caches = rpki.caches.iter().map(|cache| Cache {
        over_tcp: release == FrrRelease::V10,
        server: cache.server.to_string(),
        port: cache.port,
        preference: cache.preference,
    });
    View {
        polling_period: rpki.polling_period.filter(|seconds| *seconds != 3600),
        retry_interval: rpki.retry_interval.filter(|seconds| *seconds != 600),
        expire_interval: rpki.expire_interval.filter(|seconds| *seconds != 7200),
        caches: caches.collect(),
    }
}
