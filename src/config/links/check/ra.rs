//! Router advertisements that VPP, or FRR in its place, would not send as they are written.

use crate::config::check::Checking;
use crate::config::code::{E0847, E0880, E0883};
use crate::config::diag::Diagnostic;
use crate::config::links::ra::RouterPreference;
use crate::config::links::raw::{RaPrefixRaw, RaRaw};
use crate::config::source::{Located, Span};
use crate::types::{IfAddr, Prefix};

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

/// What zebra sends: at even intervals, with the /64 of each address always, and of no default router no preference.
pub(in crate::config) fn frr_can_say_it(
    raw: &RaRaw,
    max_interval: u16,
    addresses: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let preference = raw.preference.located();
    let preference = preference.filter(|it| *it.value != RouterPreference::Medium);
    let asked = [preference.map(|it| it.span), raw.rdnss.span(), raw.dnssl.span()];
    let Some(asked) = asked.into_iter().flatten().next() else {
        return;
    };
    let refuse = |place, message: &str, why: &str| {
        Diagnostic::error(E0880, place, message)
            .label(why.to_owned())
            .also(asked, "FRR sends them for this")
    };
    if let Some(min) = raw.min_interval.span() {
        let error = refuse(
            min,
            "FRR has no shortest interval",
            "it sends one every max-interval",
        );
        cx.report(error.hint("remove `min-interval`"));
    }
    hosts_wait_for_the_next(asked, raw.max_interval.span(), max_interval, cx);
    let is_own = |prefix: Prefix| addresses.iter().any(|address| address.value.subnet() == prefix);
    for (prefix, table) in raw.prefixes.entries() {
        if let Some(off) = table.value.advertise.copied().filter(|it| !it.value)
            && is_own(prefix.value)
        {
            let error = refuse(
                off.span,
                "FRR advertises the prefix of every address",
                "it cannot leave out this one",
            );
            cx.report(error.hint(
                "write `autonomous = false` and `on-link = false`, and hosts do nothing with it; or remove what only FRR can say",
            ));
        }
    }
    let is_none = raw
        .lifetime
        .get()
        .is_some_and(|lifetime| lifetime.get().get() == 0);
    if let Some(place) = preference.filter(|_| is_none).map(|it| it.span) {
        cx.report(
            Diagnostic::error(
                E0880,
                place,
                "a router that is no default router has no preference",
            )
            .label("with `lifetime = \"0s\"` hosts do not compare it with others (RFC 4191)")
            .hint("remove one of the two"),
        );
    }
}

/// A host that comes asks for a router. VPP, which advertises nothing here, drops what it asks before FRR hears of it.
fn hosts_wait_for_the_next(asked: Span, written: Option<Span>, max_interval: u16, cx: &mut Checking<'_>) {
    const BEARABLE: u16 = 60;
    if max_interval > BEARABLE {
        let message = format!("hosts that come wait up to {max_interval} seconds for a router");
        let place = written.unwrap_or(asked);
        cx.report(
            Diagnostic::warning(E0883, place, message)
                .label("FRR sends these advertisements and does not hear who asks for one")
                .hint("write `max-interval = 30`"),
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
            .hint("both are written or none: add for how long it is valid"),
        ),
    }
}
