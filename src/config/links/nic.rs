//! `match` and `attach`: which NIC an interface is, and how VPP gets at it.

use super::raw::MatchRaw;
use crate::config::check::Checking;
use crate::config::code::{E0209, E0210};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, Match, Name};
use crate::config::keys::{Field, Path};
use crate::config::source::Located;
use crate::types::{DriverName, KernelName, MacAddr, PciAddress};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// `match = { … }`: at least one of the four, and all that are written are meant.
///
/// When `pci` and `mac` are both given and one of them matches alone, that one is used with a warning. Where several matches
/// share a `pci` and each has a `mac`, these are ports of one function, and the `mac` alone says which.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

/// The NIC a `match` names, checked; `None` when a key of it was refused, or it names none.
pub(in crate::config) fn named(
    field: &Field<MatchRaw>,
    path: &[&str],
    cx: &mut Checking<'_>,
) -> Option<NicMatch> {
    let matches = unflawed(field)?;
    let raw = matches.value;
    let exact = raw.pci.is_written() || raw.mac.is_written();
    if is_empty(raw) {
        let message = format!("'{}' does not say which NIC", Path::of(path));
        cx.report(
            Diagnostic::error(E0209, matches.span, message)
                .label("expected pci, mac, driver or name")
                .hint("add `mac` or `pci`, for example `pci = \"0000:65:00.0\"`"),
        );
        return None;
    }
    if let Some(driver) = raw.driver.span().filter(|_| !exact && !raw.name.is_written()) {
        cx.report(
            Diagnostic::warning(E0210, driver, "matching a NIC by its driver is fragile")
                .label("a second NIC with this driver would make the match ambiguous")
                .hint("match by `mac` or `pci`"),
        );
    }
    if let Some(name) = raw.name.span() {
        cx.report(
            Diagnostic::warning(E0210, name, "matching a NIC by its kernel name is fragile")
                .label("the kernel may give this name to another NIC at the next boot")
                .hint("match by `mac` or `pci`"),
        );
    }
    Some(NicMatch::of(raw).told_apart(&cx.index.shared_functions))
}

/// The PCI functions that several matches name, each with a MAC address: they have several ports.
pub(in crate::config) fn shared_functions<'m>(
    matches: impl Iterator<Item = &'m NicMatch>,
) -> BTreeSet<PciAddress> {
    let mut named: BTreeMap<PciAddress, (usize, bool)> = BTreeMap::new();
    for nic in matches {
        if let Some(pci) = nic.pci {
            let (count, all) = named.entry(pci).or_insert((0, true));
            (*count, *all) = (*count + 1, *all && nic.mac.is_some());
        }
    }
    let shared = named.into_iter().filter(|(_, (count, all))| *count > 1 && *all);
    shared.map(|(pci, _)| pci).collect()
}

/// Enters the NIC of an interface, or with no name the management's.
pub(in crate::config) fn index_match(
    field: &Field<MatchRaw>,
    interface: Option<&str>,
    attach: Option<Attach>,
    index: &mut Index,
) {
    let Some(matches) = unflawed(field).filter(|m| !is_empty(m.value)) else {
        return;
    };
    let named = |name: Located<KernelName>, what| Name {
        name: name.value.to_string(),
        what,
        span: name.span,
    };
    // The kernel's name stays in the host's namespace, or goes where an af-packet NIC goes.
    match (matches.value.name.copied(), interface, attach) {
        (Some(name), None, _) => index.host_names.push(named(name, "the management NIC")),
        (Some(name), _, Some(Attach::AfPacket)) => {
            let what = "the kernel's name of a NIC that is moved there";
            index.dataplane_names.push(named(name, what));
        }
        _ => {}
    }
    index.matches.push(Match {
        interface: interface.map(str::to_owned),
        nic: NicMatch::of(matches.value),
        span: matches.span,
    });
}

fn is_empty(raw: &MatchRaw) -> bool {
    raw.keys().all(|(_, span)| span.is_none())
}

fn unflawed(field: &Field<MatchRaw>) -> Option<Located<&MatchRaw>> {
    field.located().filter(|_| !field.is_flawed())
}

impl NicMatch {
    /// Without the PCI function if that is shared: then the MAC address alone says which NIC is meant.
    pub(in crate::config) fn told_apart(self, shared: &BTreeSet<PciAddress>) -> Self {
        let by_mac = self.mac.is_some() && self.pci.is_some_and(|pci| shared.contains(&pci));
        Self {
            pci: self.pci.filter(|_| !by_mac),
            ..self
        }
    }

    /// What alone decides which NIC it is, `pci 0000:65:00.0`, and no two may have: each of the exact keys, else the driver.
    pub(in crate::config) fn means(&self) -> Vec<String> {
        let exact = [
            self.pci.map(|pci| format!("pci {pci}")),
            self.mac.map(|mac| format!("mac {mac}")),
            self.name.as_ref().map(|name| format!("name {name}")),
        ];
        let exact: Vec<String> = exact.into_iter().flatten().collect();
        match exact.is_empty() {
            true => self
                .driver
                .iter()
                .map(|driver| format!("driver {driver}"))
                .collect(),
            false => exact,
        }
    }

    fn of(raw: &MatchRaw) -> Self {
        Self {
            pci: raw.pci.value(),
            mac: raw.mac.value(),
            driver: raw.driver.value(),
            name: raw.name.value(),
        }
    }
}

/// The match in words, as a message has them: `pci 0000:65:00.0 and mac b4:96:91:00:00:10`.
impl fmt::Display for NicMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = [
            self.pci.map(|pci| format!("pci {pci}")),
            self.mac.map(|mac| format!("mac {mac}")),
            self.driver.as_ref().map(|driver| format!("driver {driver}")),
            self.name.as_ref().map(|name| format!("name '{name}'")),
        ]
        .into_iter()
        .flatten()
        .collect();
        f.write_str(&words.join(" and "))
    }
}
