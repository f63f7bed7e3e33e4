//! What carries the frames of an interface: a NIC, a bond of NICs, or what the operator's own commands make.

use super::bond::{Bond, bond};
use super::nic::{self, Attach, NicMatch};
use super::raw::{InterfaceRaw, InterfacesRaw};
use crate::config::check::Checking;
use crate::config::code::{E0219, E0271, E0274, E0278, E0279, E0395};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::keys::{Field, Path};
use crate::config::source::{Located, Span};
use crate::types::{IfName, MacAddr};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What carries the frames of an interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// `match = { … }`.
    Nic(Nic),
    /// `bond = { … }`.
    Bond(Bond),
    /// `made-by = "extra-commands"`: a line of `[vpp.core] extra-commands-file` names it.
    Commands,
}

/// A NIC, and what VPP does with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nic {
    /// Which NIC.
    pub matches: NicMatch,
    /// `attach`; when absent DPDK if the NIC has a PCI address, else af-packet (only the machine knows).
    pub attach: Option<Attach>,
    /// `mac`, or `hw-addr` of an af-packet host-interface; when absent the NIC's own, of a host-interface one derived from it.
    pub mac: Option<MacAddr>,
    /// `promiscuous = true`: virtio NICs drop tagged frames without it.
    pub promiscuous: bool,
    /// `rx-queues`, 1 to 64.
    pub rx_queues: Option<u8>,
    /// `rx-mode`; when absent as the driver begins.
    pub rx_mode: Option<RxMode>,
}

/// How a thread learns of received packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RxMode {
    /// It looks, always.
    Polling,
    /// It is told.
    Interrupt,
    /// It looks while there is much, and is told otherwise.
    Adaptive,
}

/// What decides the member of a bond that sends a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// The addresses of Ethernet.
    L2,
    /// Those of IP too.
    L23,
    /// The addresses of IP, and the ports.
    L34,
}

/// `made-by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum MadeBy {
    /// `[vpp.core] extra-commands-file`.
    ExtraCommands,
}

impl RxMode {
    /// As VPP's commands have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Interrupt => "interrupt",
            Self::Adaptive => "adaptive",
        }
    }
}

impl Carrier {
    /// Its NIC, when it is one NIC.
    pub fn nic(&self) -> Option<&Nic> {
        match self {
            Self::Nic(nic) => Some(nic),
            Self::Bond(_) | Self::Commands => None,
        }
    }

    /// Its bond, when it is one.
    pub fn bond(&self) -> Option<&Bond> {
        match self {
            Self::Bond(bond) => Some(bond),
            Self::Nic(_) | Self::Commands => None,
        }
    }

    /// Whether every NIC of it is DPDK's, as it is written: also one that is found by its PCI address and says nothing else.
    pub(in crate::config) fn is_dpdks(&self) -> bool {
        let is = |nic: &Nic| match nic.attach {
            Some(attach) => attach == Attach::Dpdk,
            None => nic.matches.pci.is_some(),
        };
        match self {
            Self::Nic(nic) => is(nic),
            Self::Bond(bond) => bond.members.iter().all(|member| is(&member.nic)),
            Self::Commands => false,
        }
    }
}

/// What carries an interface, checked; `None` when it does not say what, or that was refused.
pub(in crate::config) fn carrier(
    name: &IfName,
    raw: &InterfaceRaw,
    span: Span,
    cx: &mut Checking<'_>,
) -> Option<Carrier> {
    let ways = [raw.matches.span(), raw.bond.span(), raw.made_by.span()];
    let mut written = ways.iter().flatten();
    let Some(first) = written.next() else {
        let path = Path::of(&["interfaces", name.as_ref()]);
        cx.missing("match", "{ pci = \"0000:65:00.0\" }", &path, span);
        return None;
    };
    if let Some(second) = written.next() {
        let message = format!("'{name}' is more than one thing");
        cx.report(
            Diagnostic::error(E0271, *second, message)
                .label("`match`, `bond` and `made-by` exclude each other")
                .also(*first, "this is one")
                .hint("keep one of them"),
        );
        return None;
    }
    if raw.matches.is_written() {
        return nic(name, raw, cx).map(Carrier::Nic);
    }
    let what = match raw.bond.is_written() {
        true => "a bond",
        false => "an interface that extra commands make",
    };
    is_no_nic(name, raw, what, cx);
    match raw.bond.located() {
        Some(table) => bond(name, table, raw.mac.value(), cx).map(Carrier::Bond),
        None => raw.made_by.get().map(|MadeBy::ExtraCommands| Carrier::Commands),
    }
}

/// The NIC of an interface, or of a member of a bond.
pub(super) fn nic(name: &IfName, raw: &InterfaceRaw, cx: &mut Checking<'_>) -> Option<Nic> {
    let matches = nic::named(&raw.matches, &["interfaces", name.as_ref(), "match"], cx);
    only_host_interfaces_have_an_address(raw, cx);
    host_interfaces_are_plain(raw, cx);
    Some(Nic {
        matches: matches?,
        attach: raw.attach.value(),
        mac: raw.mac.value().or(raw.hw_addr.value()),
        promiscuous: raw.promiscuous.is_on(),
        rx_queues: raw.rx_queues.get().map(|it| it.get()),
        rx_mode: raw.rx_mode.value(),
    })
}

/// What only a NIC has says nothing about anything else.
fn is_no_nic(name: &IfName, raw: &InterfaceRaw, what: &str, cx: &mut Checking<'_>) {
    let is_bond = raw.bond.is_written();
    let of_nics = [
        ("attach", raw.attach.span()),
        ("hw-addr", raw.hw_addr.span()),
        ("mac", raw.mac.span().filter(|_| !is_bond)),
        ("promiscuous", raw.promiscuous.span()),
        ("rx-queues", raw.rx_queues.span()),
        ("rx-mode", raw.rx_mode.span()),
    ];
    for (key, span) in of_nics {
        let Some(span) = span else { continue };
        let message = format!("'interfaces.{name}.{key}' is for a NIC, and '{name}' is {what}");
        let error = Diagnostic::error(E0274, span, message);
        cx.report(match is_bond {
            true => error.hint("write it in the tables of the members, or remove it"),
            false => error.hint("write it as a command where the interface is made, or remove it"),
        });
    }
}

/// `hw-addr` is the older word, for host-interfaces alone.
fn only_host_interfaces_have_an_address(raw: &InterfaceRaw, cx: &mut Checking<'_>) {
    let Some(hw_addr) = raw.hw_addr.located() else {
        return;
    };
    if let Some(mac) = raw.mac.span() {
        cx.report(
            Diagnostic::error(E0279, mac, "'mac' and 'hw-addr' are both written")
                .also(hw_addr.span, "the other")
                .hint("keep `mac`"),
        );
    }
    if raw.attach.value() != Some(Attach::AfPacket) {
        cx.report(
            Diagnostic::error(E0219, hw_addr.span, "'hw-addr' needs attach = \"af-packet\"")
                .label("a NIC that DPDK drives has no host-interface")
                .hint("write `mac`, which is for any NIC, or add `attach = \"af-packet\"`"),
        );
    }
}

/// VPP makes a host-interface with several queues that never sends anything, and refuses to poll one adaptively.
fn host_interfaces_are_plain(raw: &InterfaceRaw, cx: &mut Checking<'_>) {
    if raw.attach.value() != Some(Attach::AfPacket) {
        return;
    }
    if let Some(span) = raw.rx_queues.span() {
        cx.report(
            Diagnostic::error(E0395, span, "'rx-queues' needs attach = \"dpdk\"")
                .label("with this, VPP's host-interface would have no queue to send with")
                .hint("remove it: a host-interface has one queue"),
        );
    }
    if let Some(mode) = raw.rx_mode.located().filter(|it| *it.value == RxMode::Adaptive) {
        cx.report(
            Diagnostic::error(E0395, mode.span, "rx-mode = \"adaptive\" needs attach = \"dpdk\"")
                .label("VPP refuses it on a host-interface")
                .hint("write \"interrupt\" or \"polling\", or remove it"),
        );
    }
}

/// The addresses an interface was given, for the check that no two are the same.
pub(in crate::config) fn hw_addrs(raw: &InterfaceRaw) -> impl Iterator<Item = Located<MacAddr>> {
    raw.hw_addr.copied().into_iter().chain(raw.mac.copied())
}

/// There are extra commands of core, and a line of them names each interface that they are said to make, unless VPP may have
/// named it.
pub(in crate::config) fn extra_commands_make_it(
    interfaces: &Field<InterfacesRaw>,
    commands: Option<&str>,
    found: &mut Findings,
) {
    let made = interfaces.entries().iter();
    let mut made = made.filter_map(|(name, table)| Some((name, table.value.made_by.span()?)));
    let Some(first) = made.next() else { return };
    let lines = commands.unwrap_or_default().lines();
    let words = lines.flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let words: HashSet<&str> = words.collect();
    for (name, span) in std::iter::once(first).chain(made) {
        // VPP numbers what it names itself: `create gre tunnel` makes gre0 without a word of it.
        let numbered = name.value.as_ref().ends_with(|last: char| last.is_ascii_digit());
        if words.contains(name.value.as_ref()) || (numbered && commands.is_some()) {
            continue;
        }
        let message = format!("no extra command names '{}'", name.value);
        let error = Diagnostic::error(E0278, span, message);
        found.report(match commands {
            None => error.hint("add `extra-commands-file = \"extra/commands.txt\"` to [vpp.core]"),
            Some(_) => error.hint(format!(
                "name it in the file: `set interface name NAME {}` where VPP calls it otherwise",
                name.value
            )),
        });
    }
}
