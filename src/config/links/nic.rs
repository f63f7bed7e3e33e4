//! `match` and `attach`: which NIC an interface is, and how VPP gets at it.

use crate::config::code::{E0209, E0210};
use crate::config::diag::Diagnostic;
use crate::config::index::{Match, Name};
use crate::config::reader::{Cx, Located, Table};
use crate::config::source::Span;
use crate::types::{DriverName, KernelName, MacAddr, PciAddress};

/// `match = { … }`: at least one of the four, and all that are written are meant.
///
/// When `pci` and `mac` are both given and one of them matches alone, that one is used with a warning.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct NicMatch {
    /// The PCI function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pci: Option<PciAddress>,
    /// The permanent (else the current) MAC address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
    /// The kernel driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverName>,
    /// The kernel's name; accepted with a warning, names change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<KernelName>,
}

/// How VPP gets at a NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attach {
    /// DPDK drives the device.
    Dpdk,
    /// The kernel driver stays, VPP has a host-interface on it.
    AfPacket,
}

/// The words of `attach`.
pub(in crate::config) const ATTACH: &[(&str, Attach)] =
    &[("dpdk", Attach::Dpdk), ("af-packet", Attach::AfPacket)];

/// Decodes `match`, which must be there and name something, and enters it in the index under `interface`;
/// without one it is the management's.
pub(in crate::config) fn decode_match(
    table: &mut Table<'_, '_>,
    interface: Option<&str>,
    attach: Option<Attach>,
) -> Option<NicMatch> {
    let cx = table.cx();
    let value = table.required("match", "{ pci = \"0000:65:00.0\" }")?;
    let before = cx.errors();
    let mut keys = value.table()?;
    let pci = keys.text("pci");
    let mac = keys.text("mac");
    let driver = keys.text::<DriverName>("driver");
    let name = keys.text::<KernelName>("name");
    keys.finish();
    if cx.errors() > before {
        return None;
    }
    let exact = pci.is_some() || mac.is_some();
    if !exact && driver.is_none() && name.is_none() {
        cx.report(
            Diagnostic::error(E0209, value.span(), format!("'{}' names no NIC", value.path()))
                .label("expected pci, mac, driver or name")
                .hint("add `mac = \"3c:ec:ef:00:00:01\"` or `pci = \"0000:65:00.0\"`"),
        );
        return None;
    }
    if let Some(driver) = driver.as_ref().filter(|_| !exact && name.is_none()) {
        warn_of_driver(cx, driver.span);
    }
    if let Some(name) = &name {
        warn_of_name(cx, name.span);
        enter_kernel_name(cx, name, interface, attach);
    }
    let matches = NicMatch {
        pci: pci.map(|p| p.value),
        mac: mac.map(|m| m.value),
        driver: driver.map(|d| d.value),
        name: name.map(|n| n.value),
    };
    cx.index.borrow_mut().matches.push(Match {
        interface: interface.map(str::to_owned),
        matches: matches.clone(),
        span: value.span(),
    });
    Some(matches)
}

fn warn_of_name(cx: &Cx<'_>, span: Span) {
    cx.report(
        Diagnostic::warning(E0210, span, "a NIC is matched by the kernel's name")
            .label("the kernel may give it to another NIC at the next boot")
            .hint("match by `mac` or `pci`"),
    );
}

fn warn_of_driver(cx: &Cx<'_>, span: Span) {
    cx.report(
        Diagnostic::warning(E0210, span, "a NIC is matched by its driver")
            .label("a second NIC of the kind makes the match ambiguous")
            .hint("match by `mac` or `pci`"),
    );
}

/// The kernel's name stays in the host's namespace, or goes where an af-packet NIC goes.
fn enter_kernel_name(
    cx: &Cx<'_>,
    name: &Located<KernelName>,
    interface: Option<&str>,
    attach: Option<Attach>,
) {
    let mut index = cx.index.borrow_mut();
    let named = |what| Name {
        name: name.value.to_string(),
        what,
        span: name.span,
    };
    match (interface, attach) {
        (None, _) => index.host_names.push(named("the management NIC")),
        (_, Some(Attach::AfPacket)) => index
            .dataplane_names
            .push(named("the kernel's name of a NIC that is moved there")),
        _ => {}
    }
}
