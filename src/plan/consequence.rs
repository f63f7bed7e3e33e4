//! What a change of the configuration does to a running router, part by part, and what that costs. Pure.

mod host;
mod part;
mod session;
mod words;

use super::Impact;
use super::frr::daemons;
use super::reload::{self, Change, restart_frr};
use super::vpp;
use crate::config::Model;
use crate::facts::frr::without_patience;
use crate::host::paths::{FRR_DAEMONS, VPP, relative};
use crate::render::Rendered;
use crate::types::{FrrRelease, InstanceName};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use words::acting;

pub use session::ended;
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
    /// The release of FRR that takes the files over; `None`: it is not known.
    pub release: Option<FrrRelease>,
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
        frr_restarts: sides.daemons().is_none(),
    };
    let mut parts = reload::parts(&change);
    if parts.iter().any(|part| sides.restarts_core(part)) {
        restart_frr(&mut parts);
    }
    parts.iter().filter_map(|part| sides.part(part, &files)).collect()
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
    fn present(&self, path: &str) -> Option<&str> {
        text(self.old, path)
    }

    fn wanted(&self, path: &str) -> Option<&str> {
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

    /// How FRR's daemons change; `None`: FRR restarts.
    fn daemons(&self) -> Option<daemons::Change> {
        let path = relative(FRR_DAEMONS);
        daemons::of_files(self.present(path)?, self.wanted(path)?)
    }

    /// Whether what an instance acts on differs.
    fn differs(&self, name: &InstanceName) -> bool {
        [startup(name), commands(name)]
            .iter()
            .any(|path| self.present(path).map(acting) != self.wanted(path).map(acting))
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
