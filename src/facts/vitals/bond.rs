//! Bonds, and which of their members carry frames.

use super::Names;
use super::words;
use serde::Serialize;

/// A bond.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BondState {
    /// The interface.
    pub name: String,
    /// `lacp`, `xor` …
    pub mode: String,
    /// Its members.
    pub members: Vec<BondMember>,
}

/// An interface that belongs to a bond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BondMember {
    /// The interface.
    pub name: String,
    /// Whether it carries frames: with LACP, when both ends agree on that.
    pub active: bool,
    /// What LACP has settled with the other end; only where the bond speaks it.
    pub lacp: Option<Lacp>,
}

/// LACP on one link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lacp {
    /// What it hears: `CURRENT`, `EXPIRED`, `DEFAULTED` …
    pub receive: String,
    /// What it does: `COLLECTING_DISTRIBUTING`, `WAITING` …
    pub state: String,
    /// The system at the other end; none was heard of before it has said anything.
    pub partner: Option<String>,
}

impl BondState {
    /// How many of its members carry frames.
    pub fn active(&self) -> usize {
        self.members.iter().filter(|member| member.active).count()
    }
}

/// The answers to `show bond details` and `show lacp`, with the names of `show interface`.
pub(super) fn bonds(details: &str, lacp: &str, names: &Names<'_>) -> Vec<BondState> {
    /// Which list the lines below a heading are.
    enum List {
        None,
        Active,
        Members,
    }
    let lacp = links(lacp);
    let (mut found, mut active, mut list) = (Vec::<BondState>::new(), Vec::new(), List::None);
    for line in details.lines() {
        match (&words(line)[..], found.last_mut(), &list) {
            ([name], ..) if !line.starts_with(' ') => {
                list = List::None;
                found.push(BondState {
                    name: (*name).to_owned(),
                    ..BondState::default()
                });
            }
            (["mode:", mode], Some(bond), _) => bond.mode = (*mode).to_owned(),
            (["number", "of", "active", ..], ..) => {
                active.clear();
                list = List::Active;
            }
            (["number", "of", "members:", ..], ..) => list = List::Members,
            // By the name VPP gave it first, so that only the number of the interface tells which it is.
            (["sw_if_index:", number], Some(bond), _) => bond.name = names.of_number(number),
            ([member], _, List::Active) => active.push((*member).to_owned()),
            ([member], Some(bond), List::Members) => bond.members.push(BondMember {
                name: (*member).to_owned(),
                active: active.iter().any(|it| it == member),
                lacp: lacp
                    .iter()
                    .find(|(name, _)| name == member)
                    .map(|(_, it)| it.clone()),
            }),
            // The weight of a member, which stands below it.
            ([_, _, ..], _, List::Active) => {}
            _ => list = List::None,
        }
    }
    found
}

/// `external  1  core  0 0 1 …`, and below it `  LAG ID: [(…), (…)]` and `  RX-state: CURRENT, TX-state: …`.
fn links(shown: &str) -> Vec<(String, Lacp)> {
    const NOBODY: &str = "00-00-00-00-00-00";
    let mut found: Vec<(String, Lacp)> = Vec::new();
    for line in shown.lines() {
        match (&words(line)[..], found.last_mut()) {
            ([name, number, _, ..], _) if !line.starts_with(' ') && number.parse::<u32>().is_ok() => found
                .push((
                    (*name).to_owned(),
                    Lacp {
                        receive: String::new(),
                        state: String::new(),
                        partner: None,
                    },
                )),
            (["LAG", "ID:", _, partner], Some((_, link))) => {
                let system = partner.split(',').nth(1).filter(|system| *system != NOBODY);
                link.partner = system.map(|system| system.replace('-', ":"));
            }
            (["RX-state:", receive, "TX-state:", _, "MUX-state:", state, ..], Some((_, link))) => {
                let plain = |word: &str| word.trim_end_matches(',').to_owned();
                (link.receive, link.state) = (plain(receive), plain(state));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERFACES: &str = "              Name               Idx    State  MTU (L3/IP4/IP6/MPLS)     Counter          Count\n\
        core                              3      up          9000/0/0/0     rx packets                   3\n";

    #[test]
    fn a_bond_is_known_by_its_number_and_a_member_by_what_lacp_says() {
        let details = "BondEthernet6103\n  mode: lacp\n  load balance: l34\n  number of active members: 1\n    eth0\n  \
            number of members: 2\n    eth0\n    eth1\n  device instance: 0\n  interface id: 6103\n  sw_if_index: 3\n  hw_if_index: 3\n\
            BondEthernet9\n  mode: active-backup\n  load balance: active-backup\n  number of active members: 1\n    eth2\n      \
            weight: 0, is_local_numa: 1, sw_if_index: 7\n  number of members: 1\n    eth2\n  device instance: 1\n  \
            interface id: 9\n  sw_if_index: 8\n  hw_if_index: 8\n";
        let lacp = "                                                        actor state                      partner state\n\
            interface name            sw_if_index  bond interface   exp/def/dis/col/syn/agg/tim/act  exp/def/dis/col/syn/agg/tim/act\n\
            eth0                      1            core               0   0   1   1   1   1   1   1    0   0   1   1   1   1   1   1\n  \
            LAG ID: [(ffff,02-fe-aa-00-00-01,0000,00ff,0001), (ffff,02-11-22-33-44-55,0009,00ff,0001)]\n  \
            RX-state: CURRENT, TX-state: TRANSMIT, MUX-state: COLLECTING_DISTRIBUTING, PTX-state: PERIODIC_TX\n\
            eth1                      2            core               0   1   0   0   0   1   1   1    0   0   0   0   0   0   0   0\n  \
            LAG ID: [(ffff,02-fe-aa-00-00-01,0000,00ff,0002), (0000,00-00-00-00-00-00,0000,0000,0000)]\n  \
            RX-state: DEFAULTED, TX-state: TRANSMIT, MUX-state: DETACHED, PTX-state: FAST_PERIODIC\n";
        let found = bonds(details, lacp, &Names::of(INTERFACES));
        let link = |receive: &str, state: &str, partner: Option<&str>| Lacp {
            receive: receive.to_owned(),
            state: state.to_owned(),
            partner: partner.map(str::to_owned),
        };
        let [core, backup] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (core.name.as_str(), core.mode.as_str(), core.active()),
            ("core", "lacp", 1)
        );
        assert_eq!(
            core.members[0].lacp,
            Some(link(
                "CURRENT",
                "COLLECTING_DISTRIBUTING",
                Some("02:11:22:33:44:55")
            ))
        );
        assert_eq!(
            core.members[1],
            BondMember {
                name: "eth1".to_owned(),
                active: false,
                lacp: Some(link("DEFAULTED", "DETACHED", None)),
            }
        );
        assert_eq!(
            (backup.name.as_str(), backup.active(), backup.members.len()),
            ("8", 1, 1)
        );
        assert_eq!(backup.members[0].lacp, None);
        assert_eq!(
            bonds("show bond: unknown input `details'", "", &Names::of("")),
            []
        );
    }
}
