//! `ra = { … }` of an interface or bridge.

use super::check::mtu;
use super::raw::RaRaw;
use crate::config::check::Checking;
use crate::config::code::E0106;
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::source::Located;
use crate::types::IfAddr;

/// `ra = { max-interval, min-interval }`.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouterAdvertisement {
    /// Seconds between advertisements, 4 to 1800 (RFC 4861).
    pub max_interval: u16,
    /// 3 to three quarters of `max_interval`. Default: half of it, at least 3.
    pub min_interval: u16,
}

/// RFC 4861, section 6.2.1: MaxRtrAdvInterval's default.
const MAX_INTERVAL: u16 = 600;

/// `ra`, checked; it needs addresses to advertise.
pub(in crate::config) fn checked(
    field: &Field<RaRaw>,
    addresses: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) -> Option<RouterAdvertisement> {
    let Located { value: ra, span } = field.located()?;
    mtu::ra_has_something_to_say(span, addresses, cx);
    let max_interval = ra.max_interval.get().map_or(MAX_INTERVAL, |max| max.get());
    let ceiling = (u32::from(max_interval) * 3 / 4) as u16;
    let min = ra.min_interval.located();
    if let Some(min) = min.filter(|min| min.value.get() > ceiling) {
        cx.report(
            Diagnostic::error(E0106, min.span, "'min-interval' is too close to 'max-interval'")
                .label(format!("expected at most three quarters of it, {ceiling}")),
        );
    }
    Some(RouterAdvertisement {
        max_interval,
        min_interval: min.map_or((max_interval / 2).max(3), |min| min.value.get()),
    })
}
