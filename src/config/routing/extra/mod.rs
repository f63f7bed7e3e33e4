//! `[frr] extra-file`: lines for settings that have no key, and what they mean for everything else.

mod asks;
mod block;
pub(in crate::config) mod check;
mod names;
mod raw;

pub(in crate::config) use names::index_extra;
pub(in crate::config) use raw::ExtraRaw;

use self::block::Block;
use super::raw::FrrRaw;
use crate::config::source::Span;
use crate::types::{BgpModule, PolicyName, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// The operator's own lines for FRR, and what FRR needs for them.
#[derive(Debug)]
pub struct FrrExtra {
    /// Where the file is named.
    pub place: Span,
    /// The file.
    pub path: RelPath,
    /// The text: UTF-8 without control characters but tabs, each line ended by a newline alone.
    pub text: String,
    /// The daemons that know its lines, beside zebra and staticd: without them FRR drops the lines and says nothing.
    pub daemons: BTreeSet<Daemon>,
    /// The modules of bgpd that know its lines.
    pub bgp_modules: BTreeSet<BgpModule>,
    /// The prefix-lists it defines.
    pub prefix_lists: BTreeMap<PolicyName, Families>,
}

/// The first line of the file that says something of FRR as a whole, or denies it.
pub(in crate::config) fn of_extra(raw: &FrrRaw, words: &[&str]) -> Option<Span> {
    let extra = raw.extra_file.get()?;
    let mut statements = extra.statements().filter(|it| it.block == Block::Top);
    let said = statements.find(|it| {
        let it = it.words.as_slice();
        it.strip_prefix(&["no"]).unwrap_or(it).starts_with(words)
    });
    said.map(|it| it.span)
}

/// Of which families a prefix-list has members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Families {
    /// An `ip prefix-list` of the name.
    pub v4: bool,
    /// An `ipv6 prefix-list` of the name.
    pub v6: bool,
}

/// A daemon of FRR that runs only where something is for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // FRR's own words
pub enum Daemon {
    Babeld,
    Bfdd,
    Bgpd,
    Eigrpd,
    Fabricd,
    Isisd,
    Ldpd,
    Nhrpd,
    Ospf6d,
    Ospfd,
    Pathd,
    Pbrd,
    Pim6d,
    Pimd,
    Ripd,
    Ripngd,
    Vrrpd,
}

impl Daemon {
    /// As `/etc/frr/daemons` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Babeld => "babeld",
            Self::Bfdd => "bfdd",
            Self::Bgpd => "bgpd",
            Self::Eigrpd => "eigrpd",
            Self::Fabricd => "fabricd",
            Self::Isisd => "isisd",
            Self::Ldpd => "ldpd",
            Self::Nhrpd => "nhrpd",
            Self::Ospf6d => "ospf6d",
            Self::Ospfd => "ospfd",
            Self::Pathd => "pathd",
            Self::Pbrd => "pbrd",
            Self::Pim6d => "pim6d",
            Self::Pimd => "pimd",
            Self::Ripd => "ripd",
            Self::Ripngd => "ripngd",
            Self::Vrrpd => "vrrpd",
        }
    }
}
