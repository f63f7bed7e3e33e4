//! frr.conf, as an operator writes it or as `show running-config` prints it.
//!
//! Lines belong to the block above them when they are indented, or when no such line stands outside of blocks.

mod announced;
mod auth;
mod bgp;
mod families;
mod filters;
mod isis;
mod link;
mod ospf;
mod policy;
mod route;
mod rpki;
mod session;
mod setting;

use super::document::{Place, Value};
use super::left::Why;
use super::policy::Family;
use super::site::{Link, Site};
use super::vrf::Routing;
use announced::Announced;
use auth::Auth;
use indexmap::IndexMap;
use isis::Isis;
use ospf::AreaNetworks;
use policy::NextHop;
use session::Sessions;

/// The block a line is in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// None.
    Top,
    /// `interface NAME`.
    Interface(Link),
    /// `vrf NAME`.
    Vrf,
    /// `router bgp ASN`.
    Bgp,
    /// `address-family … unicast` in it.
    BgpFamily(Family),
    /// `router ospf`.
    Ospf(Family),
    /// `router isis TAG`.
    Isis,
    /// `route-map NAME ACTION SEQUENCE`.
    RouteMap(String),
    /// A route-map that IMP makes of another one.
    Derived,
    /// `rpki`.
    Rpki,
    /// `bfd`.
    Bfd,
    /// `profile NAME` in it.
    BfdProfile(String),
    /// A block that has no place in the document; with the one around it.
    Lost(Box<Block>),
}

/// frr.conf while it is read.
#[derive(Debug)]
pub(super) struct Frr {
    site: Site,
    block: Block,
    /// The table that the block is about.
    routing: Routing,
    sessions: Sessions,
    /// What BGP of each table announces.
    announced: IndexMap<Routing, Announced>,
    /// Blackholes behind everything else.
    last_resorts: Vec<(Routing, String, Value, Place)>,
    area_networks: AreaNetworks,
    auth: Auth,
    isis: Isis,
    /// Lists of next hops that route-maps match.
    next_hops: Vec<NextHop>,
    /// `frr defaults datacenter`.
    datacenter: Option<(String, Place)>,
    /// `ip router-id` of each table: of every protocol without one of its own.
    router_ids: IndexMap<Routing, (String, Place)>,
}

/// Reads an frr.conf, which is the file of this number among those that are imported.
pub(super) fn read(site: Site, file: usize, text: &str) -> Site {
    let mut frr = Frr {
        site,
        block: Block::Top,
        routing: Routing::main(),
        sessions: Sessions::default(),
        announced: IndexMap::new(),
        last_resorts: Vec::new(),
        area_networks: AreaNetworks::default(),
        auth: Auth::default(),
        isis: Isis::default(),
        next_hops: Vec::new(),
        datacenter: None,
        router_ids: IndexMap::new(),
    };
    for (number, line) in (1..).zip(text.lines()) {
        frr.line(line, Place { file, line: number });
    }
    frr.finish_families();
    frr.finish_next_hops();
    frr.finish_sessions();
    frr.finish_routes();
    frr.finish_announced();
    frr.finish_profile();
    frr.finish_areas();
    frr.finish_auth();
    frr.finish_isis();
    frr.finish_router_ids();
    frr.site
}

impl Frr {
    fn line(&mut self, line: &str, place: Place) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(first) = words.first() else { return };
        if first.starts_with(['!', '#']) {
            return;
        }
        let is_indented = line.starts_with([' ', '\t']);
        match words[..] {
            ["end"] => (self.block, self.routing) = (Block::Top, Routing::main()),
            ["exit" | "quit"] | ["exit-address-family" | "exit-vrf" | "exit-vni" | "exit-vnc"] => {
                self.leave_block()
            }
            // What a VRF may say it says of itself, indented or not.
            _ if self.block == Block::Vrf && is_of_vrf(&words) => self.of_vrf(line, &words, place),
            _ if !is_indented && is_outside(&words) => {
                self.block = Block::Top;
                self.routing = Routing::main();
                self.outside(line, &words, place);
            }
            _ => self.inside(line, &words, place),
        }
    }

    fn leave_block(&mut self) {
        self.block = match std::mem::replace(&mut self.block, Block::Top) {
            Block::BgpFamily(_) => Block::Bgp,
            Block::BfdProfile(_) => Block::Bfd,
            Block::Lost(around) => *around,
            _ => Block::Top,
        };
        if self.block == Block::Top {
            self.routing = Routing::main();
        }
    }

    fn inside(&mut self, line: &str, words: &[&str], place: Place) {
        match self.block.clone() {
            Block::Top => self.outside(line, words, place),
            Block::Interface(link) => self.of_interface(&link, line, words, place),
            Block::Vrf => self.of_vrf(line, words, place),
            Block::Bgp => self.of_bgp(line, words, place),
            Block::BgpFamily(family) => self.of_family(family, line, words, place),
            Block::Ospf(family) => self.of_ospf(family, line, words, place),
            Block::Isis => self.of_isis(line, words, place),
            Block::RouteMap(name) => self.of_route_map(&name, line, words, place),
            Block::Derived => {}
            Block::Rpki => self.of_rpki(line, words, place),
            Block::Bfd | Block::BfdProfile(_) => self.of_bfd(line, words, place),
            Block::Lost(_) => self.not_yet(line, place),
        }
    }

    /// A line outside of blocks, or the first one of a block.
    fn outside(&mut self, line: &str, words: &[&str], place: Place) {
        match *words {
            ["interface", name] => self.block = Block::Interface(self.site.device(name)),
            ["interface", name, "vrf", vrf] if name != vrf => self.enter_interface(name, vrf, place),
            ["interface", _, "vrf", _] => {
                self.block = Block::Lost(Box::new(Block::Top));
                let why = "it is the device of the VRF itself".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["vrf", name] => {
                self.routing = self.site.vrf(name, place);
                self.block = Block::Vrf;
            }
            ["router", "bgp", asn] => self.enter_bgp(asn, line, place),
            ["router", "bgp", asn, "vrf", name] => {
                self.routing = self.site.vrf(name, place);
                self.enter_bgp(asn, line, place);
            }
            ["router", "ospf"] => self.block = Block::Ospf(Family::V4),
            ["router", "ospf6"] => self.block = Block::Ospf(Family::V6),
            ["router", "isis", tag] => self.enter_isis(tag, line, place),
            ["frr", "defaults", "datacenter"] => self.datacenter = Some((line.trim().to_owned(), place)),
            // It is made again of what it stands for.
            ["route-map", name, _, _] if stands_for(name) != name => self.block = Block::Derived,
            ["ip" | "ipv6", "prefix-list", name, ..] if stands_for(name).is_empty() => {}
            ["route-map", name, action, sequence] => {
                self.enter_route_map(name, action, sequence, line, place)
            }
            ["bfd"] => self.block = Block::Bfd,
            ["ip", "route", ref route @ ..] => self.route(Family::V4, route, line, place),
            ["ipv6", "route", ref route @ ..] => self.route(Family::V6, route, line, place),
            ["ip", "prefix-list", ref member @ ..] => self.prefix_list(Family::V4, member, line, place),
            ["ipv6", "prefix-list", ref member @ ..] => self.prefix_list(Family::V6, member, line, place),
            ["bgp" | "ip", "community-list", ref member @ ..] => {
                self.communities("community-lists", member, line, place);
            }
            ["bgp" | "ip", "large-community-list", ref member @ ..] => {
                self.communities("large-community-lists", member, line, place);
            }
            ["bgp" | "ip", "as-path", "access-list", ref member @ ..] => {
                self.as_path_list(member, line, place);
            }
            ["rpki"] => self.block = Block::Rpki,
            ["hostname", name] => self.site.hostname(name, place),
            ["ip", "router-id", id] | ["router-id", id] => self.router_id(id, place),
            ["ip", "router-id", id, "vrf", vrf] => {
                let vrf = self.site.vrf(vrf, place);
                self.router_ids.insert(vrf, (id.to_owned(), place));
            }
            ["log", "syslog"] => self.site.draft.set(&["frr"], "log", "debugging", place),
            ["log", "syslog", level] if level != "informational" => {
                self.site.draft.set(&["frr"], "log", level, place);
            }
            // What every configuration here has anyway.
            ["log", "syslog", _]
            | ["frr", "version", ..]
            | ["frr", "defaults", "traditional"]
            | ["service", "integrated-vtysh-config"]
            | ["no", "ip" | "ipv6", "forwarding"]
            | ["Building" | "Current", ..] => {}
            ["ip" | "ipv6", "forwarding"] => {
                self.leave(line, place, Why::Foreign("VPP forwards, the kernel does not"));
            }
            [
                "log" | "debug" | "service" | "line" | "exec-timeout" | "banner" | "password" | "enable"
                | "agentx",
                ..,
            ] => {
                if words[0] == "line" {
                    self.block = Block::Lost(Box::new(Block::Top));
                }
                self.leave(
                    line,
                    place,
                    Why::Foreign("FRR's own settings are made by the image"),
                );
            }
            [
                "interface" | "router" | "vrf" | "key" | "pbr-map" | "nexthop-group" | "mpls"
                | "segment-routing",
                ..,
            ] => {
                self.block = Block::Lost(Box::new(Block::Top));
                self.not_yet(line, place);
            }
            ["route-map", ..] => {
                self.block = Block::Lost(Box::new(Block::Top));
                self.leave(line, place, Why::Unknown);
            }
            [
                "ip" | "ipv6" | "bgp" | "access-list" | "no" | "ntp" | "zebra" | "fpm" | "domainname" | "frr",
                ..,
            ] => {
                self.not_yet(line, place);
            }
            _ => self.leave(line, place, Why::Unknown),
        }
    }

    fn router_id(&mut self, id: &str, place: Place) {
        self.router_ids
            .insert(self.routing.clone(), (id.to_owned(), place));
    }

    fn finish_router_ids(&mut self) {
        for (routing, (id, place)) in std::mem::take(&mut self.router_ids) {
            for protocol in ["bgp", "ospf", "ospf6"] {
                let path = routing.path(&[protocol]);
                let table = self.site.draft.find(&path);
                if table.is_some_and(|table| !table.has("router-id")) {
                    self.site.draft.set(&path, "router-id", id.as_str(), place);
                }
            }
        }
    }

    fn leave(&mut self, line: &str, place: Place, why: Why) {
        self.site.draft.leave(place, line, why);
    }

    fn not_yet(&mut self, line: &str, place: Place) {
        self.leave(line, place, Why::NotYet);
    }
}

/// Whether no block has such a line: it ends the one above it, as `vtysh` reads it.
fn is_outside(words: &[&str]) -> bool {
    match *words {
        ["no", ref rest @ ..] => is_outside(rest),
        ["interface", name, ..] => !name.is_empty(),
        ["bfd"] => true,
        ["ip" | "ipv6", second, ..] => [
            "route",
            "prefix-list",
            "forwarding",
            "community-list",
            "large-community-list",
            "extcommunity-list",
            "as-path",
            "protocol",
            "nht",
            "import-table",
            "access-list",
            "router-id",
        ]
        .contains(&second),
        ["bgp", second, ..] => [
            "community-list",
            "large-community-list",
            "extcommunity-list",
            "as-path",
        ]
        .contains(&second),
        [first, ..] => [
            "router",
            "route-map",
            "vrf",
            "frr",
            "hostname",
            "log",
            "service",
            "line",
            "key",
            "pbr-map",
            "rpki",
            "nexthop-group",
            "mpls",
            "segment-routing",
            "debug",
            "access-list",
            "banner",
            "enable",
            "domainname",
        ]
        .contains(&first),
        [] => false,
    }
}

/// Whether a block of a VRF has such a line, which outside of blocks is about the main table.
fn is_of_vrf(words: &[&str]) -> bool {
    let own = ["route", "router-id", "nht", "protocol", "import-table"];
    matches!(*words, ["ip" | "ipv6", second, ..] | ["no", "ip" | "ipv6", second, ..] if own.contains(&second))
}

/// The route-map that a derived one stands for, which may be none, as for a derived list: it is empty then.
fn stands_for(name: &str) -> &str {
    // Those of a VRF have its name at the end.
    let of_vrf = |mark: &str| match name.split_once(mark) {
        Some((map, vrf)) if vrf.is_empty() || vrf.starts_with('/') => Some(map),
        _ => None,
    };
    let marks = ["/static4", "/static6", "/networks"];
    let name = marks.into_iter().find_map(of_vrf).unwrap_or(name);
    let mut endings = ["/ospf", "/ospf6"].into_iter();
    endings
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name)
}

/// What follows a number of words, as it is written.
fn after(line: &str, words: usize) -> &str {
    let mut rest = line.trim();
    for _ in 0..words {
        rest = match rest.find(char::is_whitespace) {
            Some(end) => rest[end..].trim_start(),
            None => "",
        };
    }
    rest
}
