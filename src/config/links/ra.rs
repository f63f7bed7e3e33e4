//! `ra = { … }` of an interface or bridge.

use crate::config::check;
use crate::config::code::E0106;
use crate::config::diag::Diagnostic;
use crate::config::reader::{Located, Table};
use crate::types::IfAddr;

/// `ra = { max-interval, min-interval }`.
#[derive(Debug, Clone, Copy)]
pub struct RouterAdvertisement {
    /// Seconds between advertisements, 4 to 1800 (RFC 4861).
    pub max_interval: u16,
    /// 3 to three quarters of `max_interval`. Default: half of it, at least 3.
    pub min_interval: u16,
}

/// RFC 4861, section 6.2.1: MaxRtrAdvInterval's default.
const MAX_INTERVAL: u16 = 600;

/// Decodes `ra`, which needs addresses to advertise.
pub(in crate::config) fn decode(
    table: &mut Table<'_, '_>,
    addresses: &[Located<IfAddr>],
) -> Option<RouterAdvertisement> {
    let value = table.value("ra")?;
    let mut ra = value.table()?;
    let max = ra.within("max-interval", 4..=1800, "seconds from 4 to 1800 (RFC 4861)");
    let min = ra.within::<u16>("min-interval", 3..=1350, "seconds from 3 to 1350 (RFC 4861)");
    ra.finish();
    check::interface::ra_has_something_to_say(table.cx(), &value, addresses);
    let max_interval = max.map_or(MAX_INTERVAL, |max| max.value);
    let ceiling = (u32::from(max_interval) * 3 / 4) as u16;
    if let Some(min) = min.filter(|min| min.value > ceiling) {
        table.cx().report(
            Diagnostic::error(E0106, min.span, "'min-interval' is too close to 'max-interval'")
                .label(format!("expected at most three quarters of it, {ceiling}")),
        );
    }
    Some(RouterAdvertisement {
        max_interval,
        min_interval: min.map_or((max_interval / 2).max(3), |min| min.value),
    })
}
