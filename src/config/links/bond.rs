//! `bond = { … }`: NICs that carry the frames of one interface.

use super::carrier::{Balance, Nic, nic};
use super::raw::{BondModeRaw, BondRaw, InterfaceRaw, InterfacesRaw, RateRaw};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::code::{E0272, E0273};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, MemberOf};
use crate::config::keys::{Field, Path};
use crate::config::source::{Located, Span};
use crate::types::{IfName, MacAddr};
use serde::{Deserialize, Serialize};

/// A bond. It has one member at least, and each of them belongs to no other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bond {
    /// `mac` of the interface; when absent that of the first member VPP is given, which stays when the member leaves.
    pub mac: Option<MacAddr>,
    /// `mode`, with what belongs to it.
    pub mode: BondMode,
    /// Its members, as they are listed.
    pub members: Vec<Member>,
}

/// How a bond chooses the member of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BondMode {
    /// As both ends agree (IEEE 802.1AX).
    Lacp {
        /// What decides the member.
        balance: Balance,
        /// Whether the other end is asked for a packet every 30 seconds in place of every second.
        slow: bool,
        /// Whether it waits for the other end to begin.
        passive: bool,
    },
    /// By what the frame has.
    Xor {
        /// What decides the member.
        balance: Balance,
    },
    /// One carries all, the others wait.
    ActiveBackup,
    /// In turn.
    RoundRobin,
    /// All of them carry every frame.
    Broadcast,
}

/// A NIC of a bond. VPP and Linux know it by its name, and it has no addresses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Member {
    /// Its name in VPP.
    pub name: IfName,
    /// Where it was written.
    pub at: At,
    /// Its NIC.
    pub nic: Nic,
    /// Whether it is up: one that is down carries nothing, and stays a member.
    pub enabled: bool,
}

impl BondMode {
    /// As documents and VPP's commands call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lacp { .. } => "lacp",
            Self::Xor { .. } => "xor",
            Self::ActiveBackup => "active-backup",
            Self::RoundRobin => "round-robin",
            Self::Broadcast => "broadcast",
        }
    }

    /// What decides the member of a frame, where something does.
    pub fn balance(self) -> Option<Balance> {
        match self {
            Self::Lacp { balance, .. } | Self::Xor { balance } => Some(balance),
            Self::ActiveBackup | Self::RoundRobin | Self::Broadcast => None,
        }
    }
}

impl Balance {
    /// As documents and VPP's commands call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::L2 => "l2",
            Self::L23 => "l23",
            Self::L34 => "l34",
        }
    }
}

/// The bond of an interface, checked; `None` when its mode or every member was refused.
pub(super) fn bond(
    name: &IfName,
    table: Located<&BondRaw>,
    mac: Option<MacAddr>,
    cx: &mut Checking<'_>,
) -> Option<Bond> {
    let raw = table.value;
    let mode = raw.mode.value()?;
    let path = ["interfaces", name.as_ref(), "bond"];
    let word = mode_of(raw, mode).word();
    cx.keys_of_mode(raw.keys(), word, table.span, &path);
    let listed = raw.members.get().map_or(&[][..], |members| &members.0);
    cx.listed_once(listed);
    let members: Vec<Member> = listed.iter().filter_map(|it| member(name, it, cx)).collect();
    (!members.is_empty()).then(|| Bond {
        mac,
        mode: mode_of(raw, mode),
        members,
    })
}

/// Without `load-balance` by ports: between two routers all frames have the same two addresses of Ethernet.
fn mode_of(raw: &BondRaw, mode: BondModeRaw) -> BondMode {
    let balance = raw.load_balance.value().unwrap_or(Balance::L34);
    match mode {
        BondModeRaw::Lacp => BondMode::Lacp {
            balance,
            slow: raw.rate.value() == Some(RateRaw::Slow),
            passive: raw.passive.is_on(),
        },
        BondModeRaw::Xor => BondMode::Xor { balance },
        BondModeRaw::ActiveBackup => BondMode::ActiveBackup,
        BondModeRaw::RoundRobin => BondMode::RoundRobin,
        BondModeRaw::Broadcast => BondMode::Broadcast,
    }
}

fn member(bond: &IfName, listed: &Located<IfName>, cx: &mut Checking<'_>) -> Option<Member> {
    let index = cx.index;
    let name = &listed.value;
    let refuse = |message: String| Diagnostic::error(E0272, listed.span, message);
    if name == bond {
        cx.report(refuse(format!("'{bond}' cannot be a member of itself")).hint("list its NICs"));
        return None;
    }
    let of = index.members.get(name)?;
    if of.bond.value != *bond {
        let error = refuse(format!("'{name}' is a member of '{}' already", of.bond.value));
        cx.report(error.also(of.bond.span, "here"));
        return None;
    }
    let Some(Located { value: raw, span }) = &of.table else {
        let near = cx
            .found
            .nearest(name.as_ref(), index.nics.iter().map(String::as_str));
        let error = refuse(format!("there is no interface '{name}'"));
        cx.report(match near {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!("add `[interfaces.{name}]` with the `match` of the NIC")),
        });
        return None;
    };
    if !raw.matches.is_written() && !raw.matches.is_flawed() {
        let error = refuse(format!("'{name}' is no NIC"));
        cx.report(
            error
                .also(*span, "it has no `match`")
                .hint("a bond is made of NICs: give it a `match`"),
        );
        return None;
    }
    says_nothing_else(bond, name, raw, listed.span, cx);
    Some(Member {
        name: name.clone(),
        at: cx.at(*span),
        nic: nic(name, raw, cx)?,
        enabled: raw.link.enabled.value().unwrap_or(true),
    })
}

/// What VPP would take for a member and not use: an address, a VLAN, a Linux side, a protocol.
fn says_nothing_else(bond: &IfName, name: &IfName, raw: &InterfaceRaw, listed: Span, cx: &mut Checking<'_>) {
    const OF_MEMBERS: [&str; 8] = [
        "match",
        "description",
        "attach",
        "hw-addr",
        "promiscuous",
        "rx-queues",
        "rx-mode",
        "enabled",
    ];
    for (key, span) in raw.keys() {
        let Some(span) = span.filter(|_| !OF_MEMBERS.contains(&key.name)) else {
            continue;
        };
        let path = Path::of(&["interfaces", name.as_ref(), key.name]);
        cx.report(
            Diagnostic::error(
                E0273,
                span,
                format!("'{path}' has no effect on a member of a bond"),
            )
            .also(listed, format!("'{name}' is a member of '{bond}'"))
            .hint(format!("write it in [interfaces.{bond}], or remove it")),
        );
    }
}

/// Enters who is a member of which bond; of several bonds the first has it.
pub(in crate::config) fn index_members(raw: &Field<InterfacesRaw>, index: &mut Index) {
    for (bond, table) in raw.entries() {
        let listed = table.value.bond.get().and_then(|it| it.members.get());
        for member in listed.map_or(&[][..], |members| &members.0) {
            if member.value == bond.value || index.members.contains_key(&member.value) {
                continue;
            }
            let of = MemberOf {
                bond: Located {
                    value: bond.value.clone(),
                    span: member.span,
                },
                table: None,
            };
            index.members.insert(member.value.clone(), of);
        }
    }
    for (name, table) in raw.entries() {
        if let Some(of) = index.members.get_mut(&name.value) {
            of.table = Some(table.clone());
        }
        if table.value.matches.is_written() {
            index.nics.insert(name.value.to_string());
        }
    }
}
