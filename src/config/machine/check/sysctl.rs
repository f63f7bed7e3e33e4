//! Which settings of the kernel an operator may give.

use crate::config::check::Checking;
use crate::config::code::{E0222, E0751};
use crate::config::diag::Diagnostic;
use crate::config::source::Located;
use crate::types::SysctlName;
use std::collections::HashMap;

/// What this router sets itself, or its boots rest on, and what says so.
const OURS: [(&str, &str); 7] = [
    ("vm.nr_hugepages", "[vpp.NAME] decides how many pages VPP gets"),
    (
        "vm.nr_hugepages_mempolicy",
        "[vpp.NAME] decides how many pages VPP gets",
    ),
    ("kernel.hostname", "[system] hostname is the name"),
    ("kernel.domainname", "[system] hostname is the name"),
    (
        "kernel.panic",
        "an image that panics has to come back on the one before",
    ),
    (
        "net.ipv4.ip_forward",
        "the dataplane forwards; the host only answers for itself",
    ),
    ("kernel.modules_disabled", "the NICs need their modules"),
];

/// Each is one of the host's, is not this router's own, and stands once.
pub(in crate::config) fn may_be_set(names: &[Located<SysctlName>], cx: &mut Checking<'_>) {
    let mut seen = HashMap::new();
    for name in names {
        if let Some(first) = seen.insert(&name.value, name.span) {
            let error = Diagnostic::error(E0222, name.span, format!("'{}' is listed twice", name.value));
            cx.report(error.also(first, "first here"));
        }
        if let Some(why) = reserved(name.value.as_ref()) {
            let message = format!("'{}' cannot be set here", name.value);
            cx.report(Diagnostic::error(E0751, name.span, message).label(why));
        }
    }
}

fn reserved(name: &str) -> Option<&'static str> {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [
            "net",
            "ipv4" | "ipv6",
            "conf" | "neigh",
            "all" | "default",
            "forwarding" | "mc_forwarding",
        ] => Some("the dataplane forwards; the host only answers for itself"),
        ["net", "ipv4" | "ipv6", "conf" | "neigh", device, ..] if !["all", "default"].contains(device) => {
            Some("devices come and go: only `all` and `default` can be set")
        }
        _ => OURS.iter().find(|(own, _)| *own == name).map(|(_, why)| *why),
    }
}
