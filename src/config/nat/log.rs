//! Where nat44-ed logs its sessions to.

use super::Pool;
use super::raw::LogRaw;
use crate::config::check::Checking;
use crate::config::code::E0732;
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use std::net::{IpAddr, Ipv4Addr};

/// The port of IPFIX (RFC 7011, section 10.1), when `port` is absent.
const PORT: u16 = 4739;
/// What VPP takes for the observation domain by itself.
const DOMAIN: u32 = 1;

/// `log`: the collector is no address of the pool, the source one of the pool or of this router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SessionLog {
    /// The collector.
    pub collector: Ipv4Addr,
    /// Its UDP port; `None` is that of IPFIX.
    pub port: Option<u16>,
    /// The address the records come from.
    pub source: Ipv4Addr,
    /// The observation domain; `None` is 1.
    pub domain: Option<u32>,
}

/// `log` of a module with this pool.
pub(super) fn log(field: &Field<LogRaw>, pool: &Pool, cx: &mut Checking<'_>) -> Option<SessionLog> {
    let raw = field.get()?;
    let collector = raw.collector.copied()?;
    if pool.holds(collector.value) {
        let message = format!("the collector {} is an address of the pool", collector.value);
        cx.report(
            Diagnostic::error(E0732, collector.span, message)
                .label("core routes it to this module, not to a host"),
        );
    }
    let source = match raw.source.copied() {
        None if raw.source.is_written() => return None,
        None => pool.first()?,
        Some(source) => {
            let own = cx.index.own_address(IpAddr::V4(source.value)).is_some();
            if !own && !pool.holds(source.value) && !cx.index.l3_refused {
                let message = format!("{} is not an address of this router", source.value);
                cx.report(
                    Diagnostic::error(E0732, source.span, message)
                        .label("expected one of the pool, or of an interface or loopback"),
                );
            }
            source.value
        }
    };
    Some(SessionLog {
        collector: collector.value,
        port: raw.port.get().map(|port| port.get()).filter(|port| *port != PORT),
        source,
        domain: raw
            .domain
            .get()
            .map(|it| it.get())
            .filter(|domain| *domain != DOMAIN),
    })
}
