//! FRR and its neighbours.

use super::{Joined, Kind, Node, Picture, State, node};
use crate::config::{Bgp, InterfaceIsis, InterfaceOspf, Model, Neighbor, Route, Routing, Vrf, in_vrf};
use crate::types::{Asn, IfAddr, PeerName, VrfName};
use std::net::IpAddr;

impl Picture<'_> {
    /// FRR with BGP's neighbours and the interfaces of OSPF and IS-IS; nothing when no routing is configured.
    pub(super) fn frr(&mut self) -> Option<Node> {
        let model = self.model;
        let bgp = model.bgp.as_ref();
        let mut inner: Vec<Node> = model.routings().flat_map(|it| self.neighbours(it)).collect();
        inner.extend(self.speakers());
        let routes = static_routes(&model.routes);
        let vrfs = model.vrfs.iter().map(|(name, vrf)| vrf_note(name, vrf));
        let vrfs: Vec<String> = vrfs.collect();
        let says = bgp.is_some()
            || routes.is_some()
            || !inner.is_empty()
            || model.frr_extra.is_some()
            || !vrfs.is_empty();
        if !says {
            return None;
        }
        if !model.interfaces.is_empty() || !model.loopbacks.is_empty() || !model.incus.bridges.is_empty() {
            self.join("pairs", "frr", Joined::Routes);
        }
        let own: Option<Asn> = bgp.map(|bgp| bgp.asn);
        Some(
            node("frr", Kind::Frr, "FRR", self.daemons())
                .notes(own.map(|asn| format!("AS {asn}")))
                .notes(bgp.map(|bgp| format!("router-id {}", bgp.router_id)))
                .notes(routes)
                .notes(vrfs)
                .inner(inner),
        )
    }

    fn neighbours(&self, of: Routing<'_>) -> Vec<Node> {
        let bgp = of.bgp.into_iter();
        let neighbours = bgp.flat_map(|bgp| bgp.neighbors.iter().map(move |(name, it)| (bgp, name, it)));
        neighbours
            .map(|(bgp, name, it)| self.neighbour(of.vrf, bgp, name, it))
            .collect()
    }

    fn neighbour(&self, vrf: Option<&VrfName>, bgp: &Bgp, name: &PeerName, it: &Neighbor) -> Node {
        let link = match name.address() {
            Some(address) => link_to(self.model, vrf, address),
            None => name.interface().map(str::to_owned),
        };
        let kind = match it.remote_as.is_internal(bgp.asn) {
            true => "iBGP",
            false => "eBGP",
        };
        let number = it.remote_as.number(bgp.asn);
        let name = in_vrf(name, vrf);
        let (state, words) = self.session(&name);
        let kind = number.map_or(kind.to_owned(), |asn| format!("{kind}, AS {asn}"));
        node(format!("bgp:{name}"), Kind::Neighbour, name, state)
            .note(kind)
            .notes(link.map(|name| format!("on {name}")))
            .notes(it.policy.shutdown.then_some("shut down"))
            .notes(words)
            .notes(it.policy.description.as_ref().map(|text| format!("\"{text}\"")))
    }

    fn session(&self, name: &str) -> (State, Option<String>) {
        let Some(seen) = self.seen else {
            return (State::Planned, None);
        };
        match seen.bgp.as_ref().map(|peers| peers.get(name)) {
            None => (State::Unknown, None),
            Some(None) => (State::Absent, None),
            Some(Some(words)) if words == "Established" => (State::Up, Some(words.clone())),
            Some(Some(words)) => (State::Down, Some(words.clone())),
        }
    }

    /// Every interface that speaks OSPF or IS-IS, with its adjacencies.
    fn speakers(&self) -> Vec<Node> {
        let links = self.model.links();
        links
            .flat_map(|(link, it)| {
                let name = link.name.as_ref();
                let ospf = self.speaker_of_ospf(name, it.ospf.as_ref(), it.ospf6.as_ref());
                let isis = it.isis.as_ref().map(|it| self.speaker_of_isis(name, it));
                ospf.into_iter().chain(isis)
            })
            .collect()
    }

    fn speaker_of_ospf(
        &self,
        name: &str,
        ospf: Option<&InterfaceOspf>,
        ospf6: Option<&InterfaceOspf>,
    ) -> Option<Node> {
        let both = || [ospf, ospf6].into_iter().flatten();
        both().next()?;
        let passive = both().all(|it| it.passive);
        let word = |version: &str, it: &InterfaceOspf| format!("{version} area {}", it.area);
        let adjacent = self.seen.and_then(|seen| seen.ospf.as_ref());
        let node = self.speaker("OSPF", name, passive, adjacent, |state| {
            ["Full", "2-Way", "Twoway"]
                .iter()
                .any(|word| state.starts_with(word))
        });
        Some(
            node.notes(ospf.map(|it| word("v2", it)))
                .notes(ospf6.map(|it| word("v3", it)))
                .notes(passive.then_some("passive"))
                .notes(on(name, adjacent)),
        )
    }

    fn speaker_of_isis(&self, name: &str, it: &InterfaceIsis) -> Node {
        let adjacent = self.seen.and_then(|seen| seen.isis.as_ref());
        self.speaker("IS-IS", name, it.passive, adjacent, |state| state == "Up")
            .notes(it.level.map(|level| level.to_string()))
            .notes(it.metric.map(|metric| format!("metric {metric}")))
            .notes(it.passive.then_some("passive"))
            .notes(on(name, adjacent))
    }

    /// An interface of a protocol: up when every neighbour on it is as near as it gets.
    fn speaker(
        &self,
        protocol: &str,
        name: &str,
        passive: bool,
        adjacent: Option<&Adjacencies>,
        is_near: impl Fn(&str) -> bool,
    ) -> Node {
        let here: Option<Vec<&String>> = adjacent.map(|all| {
            let here = all.iter().filter(|(interface, ..)| interface == name);
            here.map(|(_, _, state)| state).collect()
        });
        let state = match (self.seen, here) {
            (None, _) => State::Planned,
            // Nobody is expected to answer on it.
            (Some(_), _) if passive => self.in_namespace(name),
            (Some(_), None) => State::Unknown,
            (Some(_), Some(all)) if all.is_empty() => State::Down,
            (Some(_), Some(all)) if all.iter().all(|state| is_near(state)) => State::Up,
            (Some(_), Some(_)) => State::Down,
        };
        let id = format!("{}:{name}", protocol.replace('-', "").to_ascii_lowercase());
        node(id, Kind::Neighbour, format!("{protocol} on {name}"), state)
    }

    /// Whether there is a protocol whose daemon is asked for its neighbours.
    fn asks_a_daemon(&self) -> bool {
        let model = self.model;
        model.instances_of_bgp().next().is_some()
            || model.ospf.is_some()
            || model.ospf6.is_some()
            || model.isis.is_some()
    }

    /// What is known of the daemons: that one of them answered.
    fn daemons(&self) -> State {
        match self.seen {
            None => State::Planned,
            Some(seen) if seen.bgp.is_some() || seen.ospf.is_some() || seen.isis.is_some() => State::Up,
            Some(_) if !self.asks_a_daemon() => State::Unknown,
            Some(_) => State::Down,
        }
    }
}

/// The neighbours of a protocol: the interface, the neighbour and its state.
type Adjacencies = Vec<(String, String, String)>;

/// The neighbours on an interface, with their states.
fn on<'a>(name: &'a str, adjacent: Option<&'a Adjacencies>) -> impl Iterator<Item = String> + use<'a> {
    let all = adjacent.into_iter().flatten();
    all.filter(move |(interface, ..)| interface == name)
        .map(|(_, id, state)| format!("{id} {state}"))
}

/// `1 static route`; nothing when there is none.
fn static_routes(routes: &[Route]) -> Option<String> {
    match routes.len() {
        0 => None,
        1 => Some("1 static route".to_owned()),
        count => Some(format!("{count} static routes")),
    }
}

/// `VRF CUST, table 10, AS 64500, 2 static routes`
fn vrf_note(name: &VrfName, vrf: &Vrf) -> String {
    let asn = vrf.bgp.as_ref().map(|bgp| format!("AS {}", bgp.asn));
    let says = [
        Some(format!("VRF {name}, table {}", vrf.table)),
        asn,
        static_routes(&vrf.routes),
    ];
    let says: Vec<String> = says.into_iter().flatten().collect();
    says.join(", ")
}

/// The interface on whose link an address is.
fn link_to(model: &Model, vrf: Option<&VrfName>, address: IpAddr) -> Option<String> {
    let holds = |addresses: &[IfAddr]| addresses.iter().any(|it| it.subnet().holds(address));
    let links = model.links().map(|(link, _)| link);
    let links = links.filter(|link| link.vrf.as_ref().map(|it| &it.name) == vrf);
    let mut links = links.filter(|link| holds(&link.addresses));
    let mut bridges = model.incus.bridges.iter().filter(|_| vrf.is_none());
    let link = links.next().map(|link| link.name.to_string());
    link.or_else(|| bridges.find_map(|(name, it)| holds(&it.addresses()).then(|| name.to_string())))
}
