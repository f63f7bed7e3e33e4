//! FRR's three files. Each line is spelled as `show running-config` prints it, without any value that equals FRR's default:
//! observed with FRR 8.4.4, and compared again by the tests.
//!
//! The order of the blocks is the one that loads fastest, and lists and route-maps come before what uses them. FRR collects
//! the lines of prefix-lists, route-maps and static routes and commits them together at the next line of another kind; each
//! commit takes time for all that is there already. So interfaces, which commit at each line, come first, and what is
//! collected is committed once, by the `exit` behind the last route-map: one behind each entry would commit each time.

mod advertise;
pub mod bfd;
mod bgp;
pub mod cost;
mod digits;
mod interface;
mod isis;
mod lines;
mod list;
pub mod module;
mod numbers;
mod ospf;
mod policy;
mod prefix_list;
pub mod release;
mod route;
mod rpki;
mod running;

pub use running::Running;

use super::engine::{Block, Engine};
use super::etc::with_newline;
use super::grammar::Grammar;
use super::{RenderError, Rendered};
use crate::config::{Bgp, Daemon, LogLevel, Model, Ospf, netlink_buffer};
use crate::types::{BgpModule, FrrRelease, HostName, NetnsName, PolicyName, VrfName};
use cost::Load;
use minijinja::value::{Serde, Value};
use ospf::Version;
use policy::Held;
use prefix_list::PrefixLists;
use running::Numbered;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// The line before the operator's own in frr.conf; the template ends every block before it.
pub const EXTRA: &str = "\n! extra-file of [frr]\n";

/// The machine's FRR.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frr {
    /// Its release.
    pub release: FrrRelease,
    /// What it runs.
    pub running: Running,
    /// The modules of bgpd that are not installed, though FRR is.
    pub lacks: BTreeSet<BgpModule>,
}

#[derive(Debug, Serialize)]
struct View<'m> {
    hostname: &'m HostName,
    log: Option<Log>,
    /// The static routes of each table, and those of the main one again, for templates of operators.
    tables: Value,
    routes: Value,
    interfaces: Vec<interface::View<'m>>,
    /// Route-maps that stand for others.
    derived_maps: Value,
    /// The instances of BGP, and that of the main table again.
    instances: Value,
    bgp: Value,
    isis: Option<InstanceOfIsis>,
    ospf: Option<Vec<Value>>,
    ospf6: Option<Vec<Value>>,
    prefix_lists: Value,
    prefix_lists6: Value,
    as_path_lists: Vec<list::Member<'m>>,
    community_lists: Vec<list::Member<'m>>,
    large_community_lists: Vec<list::Member<'m>>,
    route_maps: Vec<policy::Entry<'m>>,
    bfd_profiles: Vec<Profile<'m>>,
    rpki: Option<rpki::View>,
    extra: Value,
}

/// What is logged.
#[derive(Debug, Serialize)]
struct Log {
    /// From which severity on; `None`: everything, as FRR prints `debugging`.
    level: Option<&'static str>,
}

/// The instance of IS-IS.
#[derive(Debug, Serialize)]
struct InstanceOfIsis {
    tag: &'static str,
    lines: Vec<Value>,
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
    /// Those that only the lines of `extra-file` need.
    others: Vec<Other>,
    /// The words of bgpd's `-M`.
    bgp_modules: Vec<&'static str>,
    /// Bytes of zebra's netlink buffer.
    netlink_buffer: u64,
    /// Seconds that loading frr.conf may take.
    patience: u64,
}

/// A daemon with the address its terminal listens at.
#[derive(Debug, Serialize)]
struct Other {
    name: &'static str,
    listen: &'static str,
}

/// `daemons`, `frr.conf` (passwords are in it: 0640) and `vtysh.conf`; and what loading that takes.
pub(super) fn files(
    model: &Model,
    frr: &Frr,
    engine: &Engine<'_>,
) -> Result<(Vec<Rendered>, Load), RenderError> {
    let running = frr.running.numbered();
    let tables = route::tables(model);
    let held = route::held(&tables);
    let lists = PrefixLists::new(model, &held, frr.release, &running);
    let tables = Value::from(Serde(tables));
    let view = View {
        routes: first(&tables).get_attr("routes").unwrap_or_default(),
        tables,
        ..view(model, &lists, &held, frr, &running)?
    };
    let conf = engine.render("frr/frr.conf.j2", view)?;
    let load = Load::of(&conf, frr.release);
    let daemons = engine.render("frr/daemons.j2", daemons(model, load.time, frr))?;
    let vtysh = engine.render("frr/vtysh.conf.j2", ())?;
    let files = vec![
        Rendered::new("run/imp/frr/daemons", daemons),
        Rendered::new("run/imp/frr/frr.conf", conf).with_mode(0o640),
        Rendered::new("run/imp/frr/vtysh.conf", vtysh),
    ];
    Ok((files, load))
}

fn view<'m>(
    model: &'m Model,
    lists: &'m PrefixLists<'m>,
    held: &[Held<'_>],
    frr: &Frr,
    running: &Numbered<'_>,
) -> Result<View<'m>, RenderError> {
    let release = frr.release;
    let profiles = model.bfd.profiles.iter();
    let profile = |(name, it): (_, &crate::config::BfdProfile)| Profile {
        name,
        detect_multiplier: it.detect_multiplier.filter(|n| *n != 3),
        transmit_interval: it.transmit_interval.filter(|ms| *ms != 300),
        receive_interval: it.receive_interval.filter(|ms| *ms != 300),
    };
    let drains = bgp::drain::maps(model.instances_of_bgp());
    let (route_maps, copies) = policy::route_maps(model, lists, frr, running);
    let main = Held::default();
    let main = held.first().unwrap_or(&main);
    let ospf = |ospf: Option<&Ospf>, version| ospf.map(|it| ospf::view(it, version, release, &copies, main));
    let checks_imports = |vrf: Option<&VrfName>| vrf.is_some() || model.announced_pool_addresses().is_empty();
    let bgp = model.routings().zip(held).filter_map(|(it, held)| {
        let checks = checks_imports(it.vrf);
        Some(bgp::view(it.bgp?, it.vrf, release, checks, held))
    });
    let instances = Value::from(Serde(bgp.collect::<Vec<_>>()));
    let derived: String = held.iter().map(|held| held.maps(model, &copies)).collect();
    Ok(View {
        hostname: &model.system.hostname,
        log: model.frr_log.map(|level| Log {
            level: Some(level.word()).filter(|_| level != LogLevel::Debugging),
        }),
        tables: Value::default(),
        routes: Value::default(),
        interfaces: interface::all(model, release),
        bgp: model.bgp.as_ref().map(|_| first(&instances)).unwrap_or_default(),
        instances,
        derived_maps: Block::value(derived + &drains),
        isis: model.isis.as_ref().map(|isis| InstanceOfIsis {
            tag: isis::TAG,
            lines: isis::view(isis, interface::families_of_isis(model), main),
        }),
        ospf: ospf(model.ospf.as_ref(), Version::V2),
        ospf6: ospf(model.ospf6.as_ref(), Version::V3),
        prefix_lists: lists.v4.clone(),
        prefix_lists6: lists.v6.clone(),
        as_path_lists: list::as_paths(model, running),
        community_lists: list::communities(model, running),
        large_community_lists: list::large_communities(model, running),
        route_maps,
        bfd_profiles: profiles.map(profile).collect(),
        rpki: rpki::view(model, frr),
        extra: extra(model)?,
    })
}

fn first(list: &Value) -> Value {
    list.get_item_by_index(0).unwrap_or_default()
}

fn daemons<'m>(model: &'m Model, load: Duration, frr: &Frr) -> Daemons<'m> {
    let extra = model.frr_extra.as_ref();
    let asked = |daemon: Daemon| extra.is_some_and(|extra| extra.daemons.contains(&daemon));
    Daemons {
        namespace: &model.dataplane.namespace,
        bgpd: model.instances_of_bgp().next().is_some() || model.rpki.is_some() || asked(Daemon::Bgpd),
        ospfd: model.ospf.is_some() || asked(Daemon::Ospfd),
        ospf6d: model.ospf6.is_some() || asked(Daemon::Ospf6d),
        bfdd: !model.bfd.profiles.is_empty()
            || model.instances_of_bgp().any(uses_bfd)
            || interface::uses_bfd(model)
            || asked(Daemon::Bfdd),
        others: others(model),
        bgp_modules: module::loaded(model, &frr.lacks)
            .into_iter()
            .map(BgpModule::name)
            .collect(),
        netlink_buffer: netlink_buffer(model.bgp.as_ref()),
        patience: patience(load),
    }
}

/// The other daemons: isisd, and those that only the extra lines can ask for.
fn others(model: &Model) -> Vec<Other> {
    let listen = |daemon: Daemon| match daemon {
        Daemon::Ripngd | Daemon::Pim6d => "::1",
        _ => "127.0.0.1",
    };
    let ours = [Daemon::Bgpd, Daemon::Ospfd, Daemon::Ospf6d, Daemon::Bfdd];
    let isis = model.isis.is_some().then_some(Daemon::Isisd);
    let asked = model
        .frr_extra
        .iter()
        .flat_map(|extra| extra.daemons.iter().copied());
    let all: BTreeSet<Daemon> = isis.into_iter().chain(asked).collect();
    let others = all.into_iter().filter(|daemon| !ours.contains(daemon));
    others
        .map(|daemon| Other {
            name: daemon.name(),
            listen: listen(daemon),
        })
        .collect()
}

/// How long watchfrr may take to load the file: four times what it should, on a machine that has other things to do, in steps
/// of a factor of 2, so that a change of the configuration seldom changes it. At least 2 minutes, at most 64.
fn patience(load: Duration) -> u64 {
    const LEAST: u64 = 120;
    const STEPS: u32 = 5;
    let needed = 4 * load.as_secs();
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
    let text = model.frr_extra.as_ref().map_or("", |extra| &extra.text);
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
