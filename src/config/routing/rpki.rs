//! `[rpki]`.

use super::raw::RpkiRaw;
use crate::config::check::Checking;
use crate::config::code::{E0323, E0710};
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::Server;
use std::collections::BTreeMap;

/// `[rpki]`; times in seconds.
#[derive(Debug)]
pub struct Rpki {
    /// Its place.
    pub place: Span,
    /// At least one, in the order of their preferences.
    pub caches: Vec<RpkiCache>,
    /// `polling-period`, 1 to 86,400.
    pub polling_period: Option<u32>,
    /// `retry-interval`, 1 to 7,200.
    pub retry_interval: Option<u32>,
    /// `expire-interval`, 600 to 172,800.
    pub expire_interval: Option<u32>,
}

/// A cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpkiCache {
    /// Its address, or a name that bgpd looks up.
    pub server: Server,
    /// Its port.
    pub port: u16,
    /// No two have the same.
    pub preference: u8,
}

/// The caches that are named.
pub(in crate::config) fn servers(field: &Field<RpkiRaw>) -> impl Iterator<Item = Located<Server>> + '_ {
    let caches = field.get().into_iter().flat_map(|rpki| rpki.caches.entries());
    caches.map(|(name, _)| name.clone())
}

/// `[rpki]`, checked.
pub(in crate::config) fn rpki(field: &Field<RpkiRaw>, cx: &mut Checking<'_>) -> Option<Rpki> {
    let raw = field.located()?;
    let mut caches: BTreeMap<u8, (RpkiCache, Span)> = BTreeMap::new();
    for (server, cache) in raw.value.caches.entries() {
        let preference = cache.value.preference.get().map_or(1, |it| it.get());
        if let Some((first, place)) = caches.get(&preference) {
            let message = format!("two caches have the preference {preference}");
            let place_of_it = cache.value.preference.span().unwrap_or(server.span);
            cx.report(
                Diagnostic::error(E0710, place_of_it, message)
                    .label("FRR would leave this one out")
                    .also(*place, format!("that of {} as well", first.server))
                    .hint("give each a `preference` of its own; the lowest is asked first"),
            );
            continue;
        }
        let Some(port) = cache.value.port.get() else {
            continue;
        };
        let it = RpkiCache {
            server: server.value.clone(),
            port: port.get(),
            preference,
        };
        caches.insert(preference, (it, server.span));
    }
    if let Some(place) = raw.value.caches.span()
        && raw.value.caches.names().is_empty()
        && !raw.value.caches.is_flawed()
    {
        let error = Diagnostic::error(E0323, place, "'rpki.caches' is empty");
        cx.report(error.hint("add a cache, or remove [rpki]"));
    }
    Some(Rpki {
        place: raw.span,
        caches: caches.into_values().map(|(cache, _)| cache).collect(),
        polling_period: raw.value.polling_period.get().map(|it| it.get().get()),
        retry_interval: raw.value.retry_interval.get().map(|it| it.get().get()),
        expire_interval: raw.value.expire_interval.get().map(|it| it.get().get()),
    })
}
