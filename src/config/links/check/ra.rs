//! Router advertisements that VPP would not send as they are written.

use crate::config::check::Checking;
use crate::config::code::E0847;
use crate::config::diag::Diagnostic;
use crate::config::links::raw::{RaPrefixRaw, RaRaw};
use crate::config::source::Located;
use crate::types::Prefix;

/// A router is one until it says so again: VPP ignores a shorter lifetime without a word.
pub(in crate::config) fn lasts_until_the_next(raw: &RaRaw, max_interval: u16, cx: &mut Checking<'_>) {
    let Some(lifetime) = raw.lifetime.copied() else {
        return;
    };
    let seconds = lifetime.value.get().get();
    if seconds > 0 && seconds <= u32::from(max_interval) {
        let message = format!("'lifetime' is not above 'max-interval', {max_interval} seconds");
        cx.report(
            Diagnostic::error(E0847, lifetime.span, message)
                .label("hosts would be without a router until the next advertisement")
                .hint("three times max-interval is usual; \"0s\" for a router that is no default router"),
        );
    }
}

/// A prefix of IPv6, preferred for at most as long as it is valid.
pub(in crate::config) fn can_be_advertised(
    prefix: &Located<Prefix>,
    raw: &RaPrefixRaw,
    cx: &mut Checking<'_>,
) {
    let Some(net) = prefix.value.v6() else {
        let message = format!("{} is no prefix of IPv6", prefix.value);
        cx.report(Diagnostic::error(E0847, prefix.span, message));
        return;
    };
    if net.prefix_len() != 64 && raw.autonomous.value().unwrap_or(true) {
        let message = format!("hosts form no addresses of a /{}", net.prefix_len());
        let error = Diagnostic::error(E0847, prefix.span, message);
        cx.report(error.hint("add `autonomous = false`, or advertise a /64 of it"));
    }
    let (valid, preferred) = (raw.valid_lifetime.copied(), raw.preferred_lifetime.copied());
    let Some(preferred) = preferred else { return };
    match valid {
        Some(valid) if preferred.value <= valid.value => {}
        Some(valid) => cx.report(
            Diagnostic::error(E0847, preferred.span, "preferred for longer than it is valid")
                .also(valid.span, "it is valid for so long"),
        ),
        None => cx.report(
            Diagnostic::error(
                E0847,
                preferred.span,
                "'preferred-lifetime' needs 'valid-lifetime'",
            )
            .hint("VPP takes both or none: add for how long it is valid"),
        ),
    }
}
