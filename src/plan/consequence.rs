//! What a change of the configuration does to a running router, part by part, and what that costs. Pure.

mod words;

use super::Impact;
use super::reload::{self, Change, Part, Who};
use super::{frr, vpp};
use crate::config::Model;
use crate::facts::frr::without_patience;
use crate::host::paths::{FRR_CONF, FRR_DAEMONS, RESOLV_CONF, VPP, relative};
use crate::render::Rendered;
use crate::types::secret::cover;
use crate::types::{InstanceName, Verb};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use words::{acting, daemons_differ, startup_differs};

pub use words::counted;

/// What one part of the router has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consequence {
    /// The part: `VPP core`.
    pub part: String,
    /// What it does, in words.
    pub does: String,
    /// The commands, lines or files that are concerned, in order; secrets in them are covered.
    pub lines: Vec<String>,
    /// What that costs, each once. Never empty.
    pub impacts: Vec<Impact>,
}

/// What runs, and what is to run.
#[derive(Debug)]
pub struct Sides<'a> {
    /// The configuration that runs; `None` if there is none.
    pub before: Option<&'a Model>,
    /// The configuration to run.
    pub after: &'a Model,
    /// The files there are.
    pub old: &'a [Rendered],
    /// The files there are to be.
    pub new: &'a [Rendered],
    /// How instances get from what their VPP has to what they are to have, where that is known better than by their files.
    pub vpp: BTreeMap<InstanceName, vpp::Change>,
}

/// What every part has to do, in the order they are told; none if nothing changes.
pub fn consequences(sides: &Sides<'_>) -> Vec<Consequence> {
    let changed = sides.changed();
    let names = sides.after.instances.keys();
    let vpp: BTreeSet<InstanceName> = names.filter(|name| sides.differs(name)).cloned().collect();
    let is_vpp = |path: &String| path.starts_with(relative(VPP));
    let host = sides.new.iter().map(|file| file.path.clone());
    let (rendered, files): (BTreeSet<String>, Vec<String>) = (
        host.filter(|path| !is_vpp(path)).collect(),
        changed.into_iter().filter(|path| !is_vpp(path)).collect(),
    );
    let change = Change {
        before: sides.before,
        after: sides.after,
        files: &files,
        rendered: &rendered,
        vpp: &vpp,
    };
    let parts = reload::parts(&change);
    let told = |who: &Who| parts.iter().find(|part| part.who == *who).map(Part::verb);
    let mut all = Vec::new();
    all.extend(told(&Who::Namespace).map(|_| sides.namespace()));
    all.extend(told(&Who::Nics).and_then(|_| sides.nics()));
    for name in sides.instances() {
        all.extend(told(&Who::Vpp(name.clone())).and_then(|verb| sides.instance(name, verb)));
    }
    match told(&Who::Frr) {
        Some(verb) => all.push(sides.frr(verb)),
        None => all.extend(with_core(&all)),
    }
    all.extend(told(&Who::Firewall).map(firewall));
    all.extend(told(&Who::Networkd).map(|_| sides.networkd(&files)));
    all.extend(told(&Who::Identity).map(|_| identity(&files)));
    all.extend(told(&Who::Incus).map(|_| sides.incus()));
    all
}

/// What all of it costs: the most severe first, each once, without what a more severe one takes in; [`Impact::Live`] alone if
/// nobody notices anything.
pub fn cost(consequences: &[Consequence]) -> Vec<Impact> {
    let impacts = consequences.iter().flat_map(|it| it.impacts.iter().cloned());
    let mut cost: Vec<Impact> = impacts.filter(|impact| *impact != Impact::Live).collect();
    cost.sort_by(|a, b| b.cmp(a));
    cost.dedup();
    let is_core = |impact: &Impact| matches!(impact, Impact::RestartsCore { .. });
    let is_frr = |impact: &Impact| matches!(impact, Impact::RestartsFrr { .. });
    let (core, frr) = (cost.iter().any(is_core), cost.iter().any(is_frr));
    cost.retain(|impact| match impact {
        Impact::RestartsFrr { .. } | Impact::Interrupts { .. } => !core,
        Impact::ResetsSessions { .. } => !core && !frr,
        _ => true,
    });
    if cost.is_empty() {
        cost.push(Impact::Live);
    }
    cost
}

impl Sides<'_> {
    fn old(&self, path: &str) -> Option<&str> {
        text(self.old, path)
    }

    fn new(&self, path: &str) -> Option<&str> {
        text(self.new, path)
    }

    /// Paths of the files that are new, different or gone. Time that FRR is allowed for loading is no difference.
    fn changed(&self) -> Vec<String> {
        let known: BTreeMap<&str, &Rendered> =
            self.old.iter().map(|file| (file.path.as_str(), file)).collect();
        let wanted: BTreeSet<&str> = self.new.iter().map(|file| file.path.as_str()).collect();
        let gone = self
            .old
            .iter()
            .filter(|file| !wanted.contains(file.path.as_str()));
        let same = |file: &Rendered| {
            known
                .get(file.path.as_str())
                .is_some_and(|old| match file.path.as_str() {
                    path if path == relative(FRR_DAEMONS) => {
                        without_patience(&old.text) == without_patience(&file.text)
                    }
                    _ => old.text == file.text && old.mode == file.mode,
                })
        };
        let other = self.new.iter().filter(|file| !same(file));
        gone.chain(other).map(|file| file.path.clone()).collect()
    }

    /// The instances of both, core first.
    fn instances(&self) -> Vec<&InstanceName> {
        let before = self.before.into_iter().flat_map(|model| model.instances.keys());
        let names: BTreeSet<&InstanceName> = before.chain(self.after.instances.keys()).collect();
        let (core, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name.as_ref() == "core");
        core.into_iter().chain(others).collect()
    }

    /// Whether what an instance acts on differs.
    fn differs(&self, name: &InstanceName) -> bool {
        [startup(name), commands(name)]
            .iter()
            .any(|path| self.old(path).map(acting) != self.new(path).map(acting))
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
        let empty = BTreeMap::new();
        let before = self.before.map_or(&empty, |model| &model.interfaces);
        let after = &self.after.interfaces;
        let mut lines = Vec::new();
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            lines.push(format!("gives back '{name}'"));
        }
        for (name, nic) in after {
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
        (!lines.is_empty()).then(|| Consequence {
            part: "NICs".to_owned(),
            does: lines.join(", "),
            lines: Vec::new(),
            impacts: vec![Impact::Live],
        })
    }

    fn instance(&self, name: &InstanceName, verb: Verb) -> Option<Consequence> {
        let part = format!("VPP {name}");
        let ends = |does: &str, why: String| Consequence {
            part: part.clone(),
            does: does.to_owned(),
            lines: Vec::new(),
            impacts: vec![restarts(name, why)],
        };
        match verb {
            Verb::Stop => Some(ends("is stopped", "it is no longer configured".to_owned())),
            Verb::Start => Some(Consequence {
                impacts: vec![Impact::Live],
                ..ends("is started", String::new())
            }),
            Verb::Reload | Verb::Rerun => match self.change(name) {
                vpp::Change::None => None,
                vpp::Change::Live(difference) => Some(live(part, &difference)),
                vpp::Change::Restart { why } => Some(ends("restarts", why)),
            },
            Verb::Restart => {
                let why = match self.change(name) {
                    vpp::Change::Restart { why } => why,
                    _ => "its NICs change".to_owned(),
                };
                Some(ends("restarts", why))
            }
        }
    }

    /// How an instance gets from its old files to its new ones.
    fn change(&self, name: &InstanceName) -> vpp::Change {
        if let Some(known) = self.vpp.get(name) {
            return known.clone();
        }
        let restart = |why: String| vpp::Change::Restart { why };
        let path = startup(name);
        let (Some(old), Some(new)) = (self.old(&path), self.new(&path)) else {
            return restart("it has no files yet".to_owned());
        };
        if acting(old) != acting(new) {
            return restart(startup_differs(old, new));
        }
        let path = commands(name);
        let [old, new] = [self.old(&path), self.new(&path)].map(|text| text.map(vpp::parse));
        match (old, new) {
            (Some(Ok(old)), Some(Ok(new))) => vpp::change(&old, &new),
            _ => restart("its commands cannot be read".to_owned()),
        }
    }

    fn frr(&self, verb: Verb) -> Consequence {
        let part = "FRR".to_owned();
        if verb == Verb::Restart {
            let path = relative(FRR_DAEMONS);
            let why = daemons_differ(
                self.old(path).unwrap_or_default(),
                self.new(path).unwrap_or_default(),
            );
            return Consequence {
                part,
                does: "restarts".to_owned(),
                lines: Vec::new(),
                impacts: vec![Impact::RestartsFrr { why }],
            };
        }
        let path = relative(FRR_CONF);
        let change = frr::change(
            self.old(path).unwrap_or_default(),
            self.new(path).unwrap_or_default(),
        );
        let lines: Vec<String> = change.lines.iter().flatten().map(|line| cover(line)).collect();
        Consequence {
            part,
            does: match &change.lines {
                Some(lines) => counted(lines.len(), "line"),
                None => "compares its running configuration with the new one (frr-reload)".to_owned(),
            },
            lines,
            impacts: or_live(change.impacts),
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

    fn incus(&self) -> Consequence {
        let bridges = self.after.incus.bridges.len();
        Consequence {
            part: "Incus".to_owned(),
            does: format!("brings {} up to date", counted(bridges, "bridge")),
            lines: Vec::new(),
            impacts: vec![Impact::Live],
        }
    }
}

/// FRR, where it restarts because VPP core does.
fn with_core(told: &[Consequence]) -> Option<Consequence> {
    let impacts = &mut told.iter().flat_map(|it| &it.impacts);
    let restarts = impacts.any(|impact| matches!(impact, Impact::RestartsCore { .. }));
    restarts.then(|| Consequence {
        part: "FRR".to_owned(),
        does: "restarts with VPP core".to_owned(),
        lines: Vec::new(),
        impacts: vec![Impact::RestartsFrr {
            why: "VPP core restarts".to_owned(),
        }],
    })
}

fn live(part: String, difference: &vpp::Difference) -> Consequence {
    let lines: Vec<String> = difference.steps.iter().map(ToString::to_string).collect();
    Consequence {
        part,
        does: counted(lines.len(), "command"),
        lines,
        impacts: or_live(difference.impacts.clone()),
    }
}

fn firewall(verb: Verb) -> Consequence {
    Consequence {
        part: "firewall".to_owned(),
        does: match verb {
            Verb::Stop => "lets everything in: there are no rules any more",
            _ => "replaces its rules in one step",
        }
        .to_owned(),
        lines: Vec::new(),
        impacts: vec![Impact::Live],
    }
}

fn identity(files: &[String]) -> Consequence {
    let ours = |path: &&String| path.starts_with("run/imp/host") || *path == relative(RESOLV_CONF);
    let lines: Vec<String> = files
        .iter()
        .filter(ours)
        .map(|path| name_of(path).to_owned())
        .collect();
    Consequence {
        part: "identity".to_owned(),
        does: match lines.is_empty() {
            true => "binds other files or directories".to_owned(),
            false => format!("puts {} in place", lines.join(", ")),
        },
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

fn or_live(impacts: Vec<Impact>) -> Vec<Impact> {
    match impacts.is_empty() {
        true => vec![Impact::Live],
        false => impacts,
    }
}

fn text<'f>(files: &'f [Rendered], path: &str) -> Option<&'f str> {
    let file = files.iter().find(|file| file.path == path);
    file.map(|file| file.text.as_str())
}

fn startup(name: &InstanceName) -> String {
    format!("{}/startup-{name}.conf", relative(VPP))
}

fn commands(name: &InstanceName) -> String {
    format!("{}/commands-{name}.txt", relative(VPP))
}

fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
