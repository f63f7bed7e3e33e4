//! What VPP would take and not do.

use super::raw::HeaderBytes;
use crate::config::check::Checking;
use crate::config::code::{E0758, E0759, E0760, E0761};
use crate::config::diag::Diagnostic;
use crate::config::did_you_mean;
use crate::config::keys::Field;
use crate::config::links::raw::InterfacesRaw;
use crate::config::source::{Located, Span};
use crate::types::Seconds;
use std::net::{IpAddr, Ipv4Addr};

/// VPP rounds what is no multiple of this many bytes.
const STEP: u16 = 32;

/// The header is one that VPP does not round.
pub(super) fn header_is_whole(header: Option<Located<&HeaderBytes>>, cx: &mut Checking<'_>) {
    let Some(header) = header.filter(|it| it.value.get() % STEP != 0) else {
        return;
    };
    let bytes = header.value.get();
    let message = format!("a header of {bytes} bytes is no multiple of {STEP}");
    let label = format!("VPP would take {}", bytes.next_multiple_of(STEP));
    cx.report(Diagnostic::error(E0758, header.span, message).label(label));
}

/// The address is one of the dataplane's: VPP would send from any, and no answer would find back.
pub(super) fn is_ours(source: Located<Ipv4Addr>, cx: &mut Checking<'_>) {
    if !cx.index.l3_refused && !cx.index.own.contains_key(&IpAddr::V4(source.value)) {
        let message = format!("no interface has the address {}", source.value);
        cx.report(
            Diagnostic::error(E0759, source.span, message)
                .hint("`source` is an address of a loopback, an interface or a VLAN of the dataplane"),
        );
    }
}

/// A flow is not taken for ended before it is reported.
pub(super) fn timers_fit(active: Seconds, passive: Seconds, span: Span, cx: &mut Checking<'_>) {
    if active > passive {
        let message = format!("`active`, {active}, is longer than `passive`, {passive}");
        cx.report(Diagnostic::error(E0760, span, message).label("VPP refuses it"));
    }
}

/// The name is a NIC's, or that of a VLAN on one.
pub(super) fn can_be_watched(
    name: impl AsRef<str>,
    span: Span,
    nics: &Field<InterfacesRaw>,
    cx: &mut Checking<'_>,
) {
    let name = name.as_ref();
    let of_a_nic = |text: &str| nics.names().iter().any(|nic| nic.value.as_ref() == text);
    let is_there = match name.split_once('.') {
        Some((nic, _)) => of_a_nic(nic) && cx.index.l3.contains_key(name),
        None => of_a_nic(name),
    };
    if is_there || cx.index.l3_refused {
        return;
    }
    let known = cx.index.l3.keys().map(String::as_str);
    let known = known.filter(|it| of_a_nic(it.split('.').next().unwrap_or_default()));
    let error = Diagnostic::error(E0761, span, format!("'{name}' is no NIC and no VLAN on one"));
    cx.report(match did_you_mean(name, known) {
        Some(known) => error.hint(format!("did you mean '{known}'?")),
        None => error.hint("only packets of [interfaces] are sampled, reported and announced"),
    });
}
