//! The parts of the router, one by one.

use super::words::{acting, counted, daemons_differ, startup_differs};
use super::{Consequence, Sides, commands, ended, name_of, startup};
use crate::config::{Link, Model, Nic};
use crate::facts::frr::without_patience;
use crate::host::paths::{FRR_CONF, FRR_DAEMONS, relative};
use crate::plan::reload::{Part, Who, Work};
use crate::plan::{Impact, frr, vpp};
use crate::types::secret::cover;
use crate::types::{IfName, InstanceName, Job, Verb};
use std::collections::{BTreeMap, BTreeSet};

impl Sides<'_> {
    /// What a part has to do; none if only its files are written anew.
    pub(super) fn part(&self, part: &Part, files: &[String]) -> Option<Consequence> {
        Some(match &part.who {
            Who::Namespace => self.namespace(),
            Who::Nics => return self.nics(),
            Who::Vpp(name) => return self.instance(name, &part.work),
            Who::Frr => self.frr(&part.work),
            Who::Firewall => firewall(&part.work),
            Who::Networkd => self.networkd(files),
            Who::Identity => self.identity(files),
            Who::Clock => host_service("clock", "is set by other servers"),
            Who::Log => host_service("log", "goes to other servers"),
            Who::Snmp => host_service("SNMP", "snmpd starts anew"),
            Who::Sflow => host_service("sFlow", "hsflowd sends its samples to other collectors"),
            Who::Exporter => host_service("exporter", "listens elsewhere"),
            Who::Incus => return self.incus(),
            Who::Rest => return None,
        })
    }

    /// Whether a part restarts VPP core, and FRR has to follow.
    pub(super) fn restarts_core(&self, part: &Part) -> bool {
        match (&part.who, &part.work) {
            (Who::Vpp(name), _) if name.as_ref() != "core" => false,
            (Who::Vpp(name), Work::Commands) => matches!(self.change(name), vpp::Change::Restart { .. }),
            (Who::Vpp(_), Work::Jobs(jobs)) => jobs.iter().any(Job::is_restart),
            _ => false,
        }
    }

    fn namespace(&self) -> Consequence {
        let namespace = |model: &Model| model.dataplane.namespace.to_string();
        let from = self.before.map(namespace).unwrap_or_default();
        let why = format!("the namespace '{from}' becomes '{}'", namespace(self.after));
        Consequence {
            part: "namespace".to_owned(),
            does: "restarts, and everything in it".to_owned(),
            lines: Vec::new(),
            impacts: vec![Impact::RestartsCore { why }],
        }
    }

    /// The NICs that come, go or are another one; none when only VPP's files are written anew.
    fn nics(&self) -> Option<Consequence> {
        let before = self.before.map(nics_of).unwrap_or_default();
        let after = nics_of(self.after);
        let mut lines = Vec::new();
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            lines.push(format!("gives back '{name}'"));
        }
        for (name, nic) in &after {
            match before.get(name) {
                None => lines.push(format!("takes in '{name}' ({})", nic.matches)),
                Some(old) if old.matches != nic.matches => {
                    lines.push(format!(
                        "'{name}' is the NIC with {}, not {}",
                        nic.matches, old.matches
                    ));
                }
                Some(old) if old.attach != nic.attach => {
                    lines.push(format!("'{name}' is attached in another way"));
                }
                Some(_) => {}
            }
        }
        let bridges = |model: &Model| -> BTreeSet<String> {
            model.incus.bridges.keys().map(ToString::to_string).collect()
        };
        let (had, has) = (self.before.map(bridges).unwrap_or_default(), bridges(self.after));
        lines.extend(
            had.difference(&has)
                .map(|name| format!("takes away the link of bridge '{name}'")),
        );
        lines.extend(
            has.difference(&had)
                .map(|name| format!("makes the link of bridge '{name}'")),
        );
        let had = self.before.map(Model::vrf_tables).unwrap_or_default();
        let has = self.after.vrf_tables();
        lines.extend(
            had.difference(&has)
                .map(|(name, _)| format!("takes away the VRF '{name}'")),
        );
        lines.extend(
            has.difference(&had)
                .map(|(name, table)| format!("makes the VRF '{name}' with table {table}")),
        );
        (!lines.is_empty()).then(|| Consequence {
            part: "NICs".to_owned(),
            does: lines.join(", "),
            lines: Vec::new(),
            impacts: vec![Impact::Live],
        })
    }

    fn instance(&self, name: &InstanceName, work: &Work) -> Option<Consequence> {
        let part = format!("VPP {name}");
        let ends = |does: &str, why: String| Consequence {
            part: part.clone(),
            does: does.to_owned(),
            lines: Vec::new(),
            impacts: vec![restarts(name, why)],
        };
        let verb = match work {
            Work::Jobs(jobs) => jobs.first().map(|job| job.verb),
            Work::Commands => None,
        };
        match (verb, self.change(name)) {
            (Some(Verb::Stop), _) => Some(ends("is stopped", "it is no longer configured".to_owned())),
            (Some(Verb::Start), _) => Some(Consequence {
                impacts: vec![Impact::Live],
                ..ends("is started", String::new())
            }),
            (_, vpp::Change::Restart { why }) => Some(ends("restarts", why)),
            (Some(Verb::Reload), _) => Some(Consequence {
                impacts: self.in_new_vrfs(),
                ..ends(
                    "is left as it is, and its Linux sides are put into their VRFs again",
                    String::new(),
                )
            }),
            (Some(_), _) => Some(ends("restarts", "its NICs are others".to_owned())),
            (None, vpp::Change::None) => None,
            (None, vpp::Change::Live(difference)) => {
                let conf = self.present(relative(FRR_CONF)).unwrap_or_default();
                let links = self.before.into_iter().flat_map(Model::links);
                let ended = ended(&difference, conf, links.map(|(link, _)| link));
                Some(live(part, &difference, ended))
            }
        }
    }

    /// What it costs the interfaces in VRFs that are made again.
    fn in_new_vrfs(&self) -> Vec<Impact> {
        let had = self.before.map(Model::vrf_tables).unwrap_or_default();
        let links = self.after.links().map(|(link, _)| link);
        let moved = links.filter(|link| {
            let vrf = link.vrf.as_ref().map(|vrf| (&vrf.name, vrf.table));
            vrf.is_some_and(|vrf| !had.contains(&vrf))
        });
        let impact = |link: &Link| Impact::Interrupts {
            interface: Some(link.name.to_string()),
            milliseconds: REMADE_VRF,
            why: "its VRF is made again".to_owned(),
        };
        moved.map(impact).collect()
    }

    /// How an instance gets from its old files to its new ones.
    fn change(&self, name: &InstanceName) -> vpp::Change {
        if let Some(known) = self.vpp.get(name) {
            return known.clone();
        }
        let restart = |why: String| vpp::Change::Restart { why };
        let path = startup(name);
        let (Some(old), Some(new)) = (self.present(&path), self.wanted(&path)) else {
            return restart("it has no files yet".to_owned());
        };
        if acting(old) != acting(new) {
            return restart(startup_differs(old, new));
        }
        let path = commands(name);
        let [old, new] = [self.present(&path), self.wanted(&path)].map(|text| text.map(vpp::parse));
        match (old, new) {
            (Some(Ok(old)), Some(Ok(new))) => vpp::change(&old, &new),
            _ => restart("its commands cannot be read".to_owned()),
        }
    }

    fn frr(&self, work: &Work) -> Consequence {
        let part = "FRR".to_owned();
        if restarts_something(work) {
            let path = relative(FRR_DAEMONS);
            let [old, new] = [self.present(path), self.wanted(path)].map(Option::unwrap_or_default);
            let why = match without_patience(old) == without_patience(new) {
                true => "VPP core restarts".to_owned(),
                false => daemons_differ(old, new),
            };
            return Consequence {
                part,
                does: "restarts".to_owned(),
                lines: Vec::new(),
                impacts: vec![Impact::RestartsFrr { why }],
            };
        }
        let path = relative(FRR_CONF);
        let change = frr::change(
            self.present(path).unwrap_or_default(),
            self.wanted(path).unwrap_or_default(),
            self.release,
        );
        let daemons = self.daemons().unwrap_or_default();
        let lines: Vec<String> = change.lines.iter().flatten().map(|line| cover(line)).collect();
        let mut does = daemons.first();
        match &change.lines {
            Some(lines) if lines.is_empty() && !daemons.is_empty() => {}
            Some(lines) if lines.is_empty() => does.push("has it already".to_owned()),
            Some(lines) => does.push(counted(lines.len(), "line")),
            None => does.push("compares its running configuration with the new one (frr-reload)".to_owned()),
        }
        does.extend(daemons.last());
        let impacts = [
            daemons.impacts(self.present(path).unwrap_or_default()),
            change.impacts,
        ];
        let impacts = without_live(impacts.concat());
        Consequence {
            part,
            does: does.join(", "),
            lines,
            impacts: or_live(impacts),
        }
    }

    fn networkd(&self, files: &[String]) -> Consequence {
        let networks = files
            .iter()
            .filter(|path| path.starts_with("run/systemd/network/"));
        let lines: Vec<String> = networks.map(|path| name_of(path).to_owned()).collect();
        let management = |model: &Model| format!("{:?}", model.management.as_ref().map(|it| &it.addressing));
        let moves = self
            .before
            .is_some_and(|before| management(before) != management(self.after));
        Consequence {
            part: "networkd".to_owned(),
            does: match moves {
                true => "gives management other addresses; connections to one that goes away end".to_owned(),
                false => format!("reads {} anew", lines.join(", ")),
            },
            lines: Vec::new(),
            impacts: vec![Impact::Live],
        }
    }

    /// None where Incus has nothing to be told.
    fn incus(&self) -> Option<Consequence> {
        let bridges = |model: &Model| model.incus.bridges.len();
        let preseed = |model: &Model| model.incus.preseed.as_ref().map(|it| it.text.clone());
        let (wanted, had) = (bridges(self.after), self.before.map_or(0, bridges));
        let mut does = match wanted {
            0 if had > 0 => vec!["keeps no bridge of this router".to_owned()],
            0 => Vec::new(),
            _ => vec![format!("brings {} up to date", counted(wanted, "bridge"))],
        };
        let new = preseed(self.after);
        if new.is_some() && new != self.before.and_then(preseed) {
            does.push("takes its preseed".to_owned());
        }
        (!does.is_empty()).then(|| Consequence {
            part: "Incus".to_owned(),
            does: does.join(", "),
            lines: Vec::new(),
            impacts: vec![Impact::Live],
        })
    }
}

fn restarts_something(work: &Work) -> bool {
    match work {
        Work::Jobs(jobs) => jobs.iter().any(Job::is_restart),
        Work::Commands => false,
    }
}

fn live(part: String, difference: &vpp::Difference, ended: Vec<Impact>) -> Consequence {
    let lines: Vec<String> = difference.steps.iter().map(ToString::to_string).collect();
    Consequence {
        part,
        does: counted(lines.len(), "command"),
        lines,
        impacts: or_live(without_live([difference.impacts.clone(), ended].concat())),
    }
}

fn firewall(work: &Work) -> Consequence {
    let stops = |jobs: &[Job]| jobs.iter().any(|job| job.verb == Verb::Stop);
    Consequence {
        part: "firewall".to_owned(),
        does: match work {
            Work::Jobs(jobs) if stops(jobs) => "lets everything in: there are no rules any more",
            _ => "replaces its rules in one step",
        }
        .to_owned(),
        lines: Vec::new(),
        impacts: vec![Impact::Live],
    }
}

fn host_service(part: &str, does: &str) -> Consequence {
    Consequence {
        part: part.to_owned(),
        does: does.to_owned(),
        lines: Vec::new(),
        impacts: vec![Impact::Live],
    }
}

fn restarts(name: &InstanceName, why: String) -> Impact {
    match name.as_ref() {
        "core" => Impact::RestartsCore { why },
        _ => Impact::RestartsNat {
            instance: name.clone(),
            why,
        },
    }
}

fn without_live(mut impacts: Vec<Impact>) -> Vec<Impact> {
    impacts.retain(|it| *it != Impact::Live);
    impacts
}

fn or_live(impacts: Vec<Impact>) -> Vec<Impact> {
    match impacts.is_empty() {
        true => vec![Impact::Live],
        false => impacts,
    }
}

/// The kernel takes an interface down and up when it enters a VRF: one round of ARP is lost, in milliseconds.
const REMADE_VRF: u32 = 1000;

/// The NICs by the names of their tables.
fn nics_of(model: &Model) -> BTreeMap<&IfName, &Nic> {
    model.nics().map(|(name, _, nic)| (name, nic)).collect()
}
