//! FRR's three files. The text is what `show running-config` prints, in its order and spelling, without any value that
//! equals FRR's default: observed with FRR 8.4.4, and compared again by the tests.

mod bgp;
pub mod cost;
mod digits;
mod interface;
mod ospf;
mod policy;
mod route;

use super::engine::{Block, Engine};
use super::etc::with_newline;
use super::grammar::Grammar;
use super::{RenderError, Rendered};
use crate::config::{Bgp, Model};
use crate::types::{FrrRelease, HostName, NetnsName, PolicyName};
use minijinja::Value;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct View<'m> {
    hostname: &'m HostName,
    routes: Vec<route::Static>,
    interfaces: Vec<interface::View<'m>>,
    bgp: Option<bgp::View<'m>>,
    ospf: Option<ospf::View>,
    ospf6: Option<ospf::View>,
    prefix_lists: Value,
    prefix_lists6: Value,
    community_lists: Vec<policy::CommunityMember<'m>>,
    route_maps: Vec<policy::Entry<'m>>,
    bfd_profiles: Vec<Profile<'m>>,
    extra: Value,
}

/// A BFD profile; what equals FRR's default (3, 300 ms, 300 ms) is not written.
#[derive(Debug, Serialize)]
struct Profile<'m> {
    name: &'m PolicyName,
    detect_multiplier: Option<u8>,
    transmit_interval: Option<u16>,
    receive_interval: Option<u16>,
}

/// The daemons to start beside zebra and staticd, which always run.
#[derive(Debug, Serialize)]
struct Daemons<'m> {
    namespace: &'m NetnsName,
    bgpd: bool,
    ospfd: bool,
    ospf6d: bool,
    bfdd: bool,
    /// Seconds that loading frr.conf may take.
    patience: u64,
}

/// `daemons`, `frr.conf` (passwords are in it: 0640) and `vtysh.conf`.
pub(super) fn files(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let conf = engine.render("frr/frr.conf.j2", view(model)?)?;
    let daemons = engine.render("frr/daemons.j2", daemons(model, &conf))?;
    let vtysh = engine.render("frr/vtysh.conf.j2", ())?;
    Ok(vec![
        Rendered::new("run/imp/frr/daemons", daemons),
        Rendered::new("run/imp/frr/frr.conf", conf).with_mode(0o640),
        Rendered::new("run/imp/frr/vtysh.conf", vtysh),
    ])
}

fn view(model: &Model) -> Result<View<'_>, RenderError> {
    let profiles = model.bfd.profiles.iter();
    let profile = |(name, it): (_, &crate::config::BfdProfile)| Profile {
        name,
        detect_multiplier: it.detect_multiplier.filter(|n| *n != 3),
        transmit_interval: it.transmit_interval.filter(|ms| *ms != 300),
        receive_interval: it.receive_interval.filter(|ms| *ms != 300),
    };
    Ok(View {
        hostname: &model.system.hostname,
        routes: route::all(model),
        interfaces: interface::all(model),
        bgp: model.bgp.as_ref().map(bgp::view),
        ospf: model.ospf.as_ref().map(ospf::view),
        ospf6: model.ospf6.as_ref().map(ospf::view),
        prefix_lists: policy::prefix_lists4(model),
        prefix_lists6: policy::prefix_lists6(model),
        community_lists: policy::community_lists(model),
        route_maps: policy::route_maps(model),
        bfd_profiles: profiles.map(profile).collect(),
        extra: extra(model)?,
    })
}

fn daemons<'m>(model: &'m Model, conf: &str) -> Daemons<'m> {
    Daemons {
        namespace: &model.dataplane.namespace,
        bgpd: model.bgp.is_some(),
        ospfd: model.ospf.is_some(),
        ospf6d: model.ospf6.is_some(),
        bfdd: !model.bfd.profiles.is_empty() || model.bgp.as_ref().is_some_and(uses_bfd),
        patience: patience(conf),
    }
}

/// How long watchfrr may take to load the file: four times what it should, on a machine that has other things to do, in steps
/// of a factor of 2, so that a change of the configuration seldom changes it. At least 2 minutes, at most 64.
fn patience(conf: &str) -> u64 {
    const LEAST: u64 = 120;
    const STEPS: u32 = 5;
    let needed = 4 * cost::load(conf, FrrRelease::V8).as_secs();
    (0..STEPS)
        .map(|step| LEAST << step)
        .find(|seconds| *seconds >= needed)
        .unwrap_or(LEAST << STEPS)
}

fn uses_bfd(bgp: &Bgp) -> bool {
    let groups = bgp.peer_groups.values().map(|group| &group.policy);
    let neighbors = bgp.neighbors.values().map(|neighbor| &neighbor.policy);
    groups.chain(neighbors).any(|policy| policy.bfd.is_some())
}

fn extra(model: &Model) -> Result<Value, RenderError> {
    let text = model.frr_extra.as_deref().unwrap_or_default();
    Grammar::Frr
        .lines(text)
        .map_err(|(line, words)| RenderError::Extra {
            key: "extra-file",
            place: "[frr]".into(),
            line,
            words: words.into_owned(),
        })?;
    Ok(Block::value(with_newline(text)))
}
