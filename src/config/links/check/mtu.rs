//! MTU and router advertisements of an interface.

use crate::config::check::Checking;
use crate::config::code::{E0218, E0220, E0221};
use crate::config::diag::Diagnostic;
use crate::config::source::{Located, Span};
use crate::types::{IfAddr, Mtu};

/// VPP's MTU of an interface that has none written.
const DEFAULT_MTU: u16 = 9000;

/// A sub-interface carries no more than its parent: Linux clamps it, VPP does not.
pub(in crate::config) fn fits_parent(
    child: Option<Located<Mtu>>,
    parent: Option<Located<Mtu>>,
    cx: &mut Checking<'_>,
) {
    let Some(child) = child else { return };
    let limit = parent.map_or(DEFAULT_MTU, |parent| parent.value.get());
    if child.value.get() <= limit {
        return;
    }
    let message = format!("the MTU {} is larger than its parent's, {limit}", child.value);
    let diagnostic = Diagnostic::error(E0218, child.span, message);
    cx.report(match parent {
        Some(parent) => diagnostic.also(parent.span, "the parent's"),
        None => diagnostic.hint("the parent has VPP's default; give it an `mtu`"),
    });
}

/// IPv6 needs 1280 bytes (RFC 8200, section 5); Linux takes the addresses away below.
pub(in crate::config) fn carries_ipv6(
    mtu: Option<Located<Mtu>>,
    addresses: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let Some(mtu) = mtu.filter(|mtu| mtu.value.get() < Mtu::IPV6_MINIMUM) else {
        return;
    };
    if let Some(address) = addresses.iter().find(|a| !a.value.is_v4()) {
        cx.report(
            Diagnostic::error(
                E0220,
                mtu.span,
                format!("an MTU of {} is too small for IPv6", mtu.value),
            )
            .label(format!("expected at least {}", Mtu::IPV6_MINIMUM))
            .also(address.span, "an IPv6 address"),
        );
    }
}

/// Router advertisements announce the interface's IPv6 subnets, which hosts use as /64 only (RFC 4862, 5.5.3).
pub(in crate::config) fn ra_has_something_to_say(
    ra: Span,
    addresses: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let mut v6 = addresses.iter().filter(|a| !a.value.is_v4()).peekable();
    if v6.peek().is_none() {
        cx.report(
            Diagnostic::error(E0221, ra, "router advertisements need an IPv6 address")
                .label("there is no prefix to advertise"),
        );
    }
    for address in v6.filter(|a| a.value.net().prefix_len() != 64) {
        cx.report(
            Diagnostic::error(E0221, address.span, "only a /64 can be advertised")
                .label(format!("this is a /{}", address.value.net().prefix_len()))
                .also(ra, "asked for here"),
        );
    }
}
