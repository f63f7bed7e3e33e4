//! `commands-NAME.txt`: one command per line, each block with its origin, between two markers.

use super::export;
use super::interfaces::{self, L3};
use super::links::{self, End, Memif};
use super::steer::{self, Acl, Policy, Route};
use super::switching::{self, Domain, Xconnect};
use super::traffic::{self, Filter, Passing, Policer, Server};
use super::{is_core, nat, place};
use crate::config::next_acls;
use crate::render::engine::Block;
use crate::render::grammar::Grammar;
use crate::render::{Bindings, Dataplane, RenderError};
use crate::types::InstanceName;
use minijinja::Value;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// The marker before a file's commands; the digest follows.
pub const BEGIN: &str = "vpplog imp-begin:";
/// The marker after them: in VPP's log it proves that no command before it was refused.
pub const APPLIED: &str = "vpplog imp-applied:";

#[derive(Debug, Serialize)]
pub(super) struct View {
    vrfs: Vec<Vrf>,
    multicast: Vec<Multicast>,
    interfaces: Vec<L3>,
    domains: Vec<Domain>,
    xconnects: Vec<Xconnect>,
    memifs: Vec<Memif>,
    policers: Vec<Policer>,
    passing: Vec<Passing>,
    relays: Vec<Server>,
    filters: Vec<Filter>,
    routes: Vec<Route>,
    acls: Vec<Acl>,
    policies: Vec<Policy>,
    nat: Option<nat::View>,
    export: export::View,
    extra_place: String,
    extra: Value,
}

/// A VRF: VPP has a table of its number for each family.
#[derive(Debug, Serialize)]
struct Vrf {
    place: String,
    table: u32,
}

/// Multicast to every router on a link (OSPF, RIP, PIM), taken for Linux on all interfaces in a table.
///
/// linux-cp (25.06) takes it interface by interface, from the first address that Linux has there until any address is gone,
/// whatever others are left; a virtual router that gives way takes its address along. VPP would drop the hellos from then on.
#[derive(Debug, Serialize)]
struct Multicast {
    /// None: the main table.
    table: Option<u32>,
    group: &'static str,
}

/// All of a link's, by family (RFC 5771 section 4, RFC 4291 section 2.7).
const LINK_LOCAL: [&str; 2] = ["224.0.0.0/24", "ff02::/16"];

/// The view of an instance: core has the interfaces and the steering, a module its translation.
pub(super) fn view(
    dataplane: &Dataplane,
    bindings: &Bindings,
    name: &InstanceName,
) -> Result<View, RenderError> {
    let instance = dataplane.instances.get(name);
    let extra = instance
        .and_then(|i| i.extra_commands.as_deref())
        .unwrap_or_default();
    let mut view = View {
        vrfs: Vec::new(),
        multicast: Vec::new(),
        interfaces: Vec::new(),
        domains: Vec::new(),
        xconnects: Vec::new(),
        memifs: Vec::new(),
        policers: Vec::new(),
        passing: Vec::new(),
        relays: Vec::new(),
        filters: Vec::new(),
        routes: Vec::new(),
        acls: Vec::new(),
        policies: Vec::new(),
        nat: None,
        export: export::View::default(),
        extra_place: instance.map_or_else(String::new, |i| place(dataplane, i.at)),
        extra: checked(name, extra)?,
    };
    if is_core(name) {
        let memifs = |links: links::Links<'_>| links.memifs(&place(dataplane, links.nat.at), End::Core);
        let vrfs = dataplane.vrfs.values();
        view.vrfs = vrfs
            .map(|vrf| Vrf {
                place: place(dataplane, vrf.at),
                table: vrf.table,
            })
            .collect();
        view.interfaces = interfaces::all(dataplane, bindings);
        if view.interfaces.iter().any(L3::is_paired) {
            view.multicast = multicast(&view.vrfs);
        }
        let switched = switching::switched(dataplane, bindings);
        view.domains = switching::domains(dataplane, &switched);
        view.xconnects = switching::xconnects(dataplane, &switched);
        view.memifs = links::all(dataplane).flat_map(memifs).collect();
        view.routes = steer::routes(dataplane)?;
        view.routes.extend(interfaces::to_peers(dataplane));
        (view.acls, view.policies) = steer::steering(dataplane, bindings);
        view.policers = traffic::policers(dataplane);
        view.passing = traffic::passing(dataplane, bindings);
        view.relays = traffic::relays(dataplane, bindings);
        let numbers = next_acls(extra).skip(view.acls.len());
        view.filters = traffic::filters(dataplane, bindings, numbers);
        view.export = export::view(dataplane, bindings);
    } else if let Some(links) = links::of(dataplane, name) {
        view.memifs = links.memifs(&place(dataplane, links.nat.at), End::Module).into();
        view.routes = nat::routes(dataplane, &links);
        view.nat = Some(nat::view(dataplane, &links));
    }
    Ok(view)
}

fn multicast(vrfs: &[Vrf]) -> Vec<Multicast> {
    let tables = [None].into_iter().chain(vrfs.iter().map(|vrf| Some(vrf.table)));
    let groups = tables.flat_map(|table| LINK_LOCAL.map(|group| Multicast { table, group }));
    groups.collect()
}

fn checked(name: &InstanceName, text: &str) -> Result<Value, RenderError> {
    Grammar::VppCommands
        .lines(text)
        .map_err(|(line, words)| RenderError::Extra {
            key: "extra-commands-file",
            place: format!("[vpp.{name}]"),
            line,
            words: words.into_owned(),
        })?;
    Ok(Block::value(crate::render::etc::with_newline(text)))
}

/// What comes before the operator's own commands.
const EXTRA: &str = "# extra-commands-file";

/// The commands with all that names an interface which the operator's own commands make behind those, in its order.
pub(super) fn behind_extra<'n>(
    body: String,
    extra: Option<&str>,
    made: impl Iterator<Item = &'n str>,
) -> String {
    let made: HashSet<&str> = made.collect();
    let (Some(extra), Some((before, rest))) = (extra, body.split_once(EXTRA)) else {
        return body;
    };
    if made.is_empty() {
        return body;
    }
    let extra = extra.trim_end();
    let end = rest.find(extra).map_or(rest.len(), |at| at + extra.len());
    let (own, behind) = rest.split_at(end);
    let behind = behind.strip_prefix('\n').unwrap_or(behind);
    let names = |line: &str| line.split_whitespace().any(|word| made.contains(parent(word)));
    let (mut stays, mut moves, mut place) = (String::new(), String::new(), "");
    for line in before.split_inclusive('\n') {
        if line.starts_with('#') {
            place = line;
            stays.push_str(line);
        } else if names(line) {
            moves.push_str(std::mem::take(&mut place));
            moves.push_str(line);
        } else {
            stays.push_str(line);
        }
    }
    format!("{stays}{EXTRA}{own}\n{moves}{behind}")
}

/// The interface of a sub-interface, or the word itself.
fn parent(word: &str) -> &str {
    word.split('.').next().unwrap_or(word)
}

/// The commands between the markers that prove them applied.
pub(super) fn with_markers(startup: &str, body: &str) -> String {
    let digest = digest(startup, body);
    format!(
        "# Written by imp-nic from /persistent/config; changes here are lost. \
         Sent by imp-vpp: 'vppctl exec' waits for nothing and has no keys.\n\
         {BEGIN}{digest}\n{body}{APPLIED}{digest}\n"
    )
}

/// The digest of what VPP acts on in an instance's two files: 12 hexadecimal digits.
///
/// Comments, markers and blank lines do not count, so a line that only moved in the TOML restarts nothing.
pub fn digest(startup: &str, commands: &str) -> String {
    let mut hash = Sha256::new();
    for text in [startup, commands] {
        for line in text.lines().map(str::trim).filter(|line| acts(line)) {
            hash.update(line);
            hash.update("\n");
        }
        // A line that moves from one file to the other is a change.
        hash.update("\0");
    }
    hash.finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn acts(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#') && !line.starts_with(BEGIN) && !line.starts_with(APPLIED)
}
