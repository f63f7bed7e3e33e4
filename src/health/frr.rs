//! What FRR's daemons say of themselves; seen with FRR 8.4.4, and tolerant of what later ones add.

use crate::config::in_vrf;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::types::FrrRelease;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A neighbour of BGP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BgpPeer {
    /// `Established`, `Active`, `Idle (Admin)` …
    pub state: String,
    /// Prefixes received, by address family in FRR's words (`ipv4Unicast`).
    pub prefixes: BTreeMap<String, u64>,
    /// Prefixes sent, likewise.
    #[serde(default)]
    pub sent: BTreeMap<String, u64>,
    /// For how long it has been Established, in seconds.
    #[serde(default)]
    pub established_s: Option<u64>,
    /// The VRF it is in; none: the main table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vrf: Option<String>,
}

/// How many routes zebra has of one family and one origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RouteCount {
    /// 4 or 6.
    pub family: u8,
    /// `connected`, `static`, `ebgp`, `ospf` …
    pub origin: String,
    /// In the routing table.
    pub rib: u64,
    /// Of these in the kernel.
    pub fib: u64,
}

/// A neighbour of OSPF, of either version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OspfNeighbor {
    /// 2 or 3.
    pub version: u8,
    /// Its router-id.
    pub id: String,
    /// On which of our interfaces.
    pub interface: String,
    /// `Full/DR`, `2-Way/DROther`, `Init` …
    pub state: String,
}

/// A neighbour of IS-IS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct IsisNeighbor {
    /// 1, 2, or 3 for both on a link of two routers.
    pub level: u8,
    /// The name it announces, else its system id.
    pub id: String,
    /// On which of our interfaces.
    pub interface: String,
    /// `Up`, `Initializing`, `Down`.
    pub state: String,
}

/// A neighbour of a protocol that finds its neighbours by itself.
pub trait Adjacent {
    /// Who it is, and where.
    fn place(&self) -> String;
    /// FRR's word for its state.
    fn state(&self) -> &str;
    /// Whether it is as near as it gets.
    fn is_adjacent(&self) -> bool;
    /// Whether both are the same neighbour, perhaps at another time.
    fn is_same(&self, other: &Self) -> bool;
}

/// BGP's neighbours by address; those of a VRF by [`in_vrf`].
pub type BgpPeers = BTreeMap<String, BgpPeer>;

impl BgpPeer {
    /// Whether routes are exchanged.
    pub fn is_established(&self) -> bool {
        self.state == "Established"
    }

    /// Whether somebody has shut it down.
    pub fn is_shut(&self) -> bool {
        self.state == "Idle (Admin)"
    }
}

impl Adjacent for OspfNeighbor {
    fn place(&self) -> String {
        format!("{} on {}", self.id, self.interface)
    }

    fn state(&self) -> &str {
        &self.state
    }

    /// Two that are neither DR nor BDR stay in 2-Way (RFC 2328, 10.4).
    fn is_adjacent(&self) -> bool {
        ["Full", "2-Way", "Twoway"]
            .iter()
            .any(|word| self.state.starts_with(word))
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.version, &self.id, &self.interface) == (other.version, &other.id, &other.interface)
    }
}

impl Adjacent for IsisNeighbor {
    fn place(&self) -> String {
        format!("{} on {}", self.id, self.interface)
    }

    fn state(&self) -> &str {
        &self.state
    }

    fn is_adjacent(&self) -> bool {
        self.state == "Up"
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.level, &self.id, &self.interface) == (other.level, &other.id, &other.interface)
    }
}

/// What this daemon says to a command that shows something; an error is in its words.
pub fn ask(daemon: &str, command: &str) -> Result<String, String> {
    facts::frr::show(daemon, command).map_err(|error| Failure::from_error(Kind::Failed, &error).to_string())
}

/// BGP's neighbours now, in every VRF. On FRR 10, which waits for BFD, a neighbour without it is said to be one.
pub fn bgp_peers(release: FrrRelease) -> Result<BgpPeers, String> {
    let mut peers = parse_instances(&ask("bgpd", "show bgp vrf all summary json")?)?;
    if release == FrrRelease::V8 || peers.values().all(BgpPeer::is_established) {
        return Ok(peers);
    }
    // No bfdd, no BFD: then it is not what is missing.
    let bfd = ask("bfdd", "show bfd peers json").unwrap_or_default();
    for name in parse_bfd_down(&bfd) {
        if let Some(peer) = peers.get_mut(&name).filter(|peer| !peer.is_established()) {
            peer.state += "; FRR 10 waits for BFD with it, which is down";
        }
    }
    Ok(peers)
}

/// OSPF's neighbours now, of those versions that run.
pub fn ospf_neighbors(ospf: bool, ospf6: bool) -> Result<Vec<OspfNeighbor>, String> {
    let mut neighbors = Vec::new();
    if ospf {
        neighbors.extend(parse_ospf(&ask("ospfd", "show ip ospf neighbor json")?)?);
    }
    if ospf6 {
        neighbors.extend(parse_ospf6(&ask("ospf6d", "show ipv6 ospf6 neighbor json")?)?);
    }
    Ok(neighbors)
}

/// IS-IS's neighbours now.
pub fn isis_neighbors() -> Result<Vec<IsisNeighbor>, String> {
    parse_isis(&ask("isisd", "show isis neighbor json")?)
}

/// What zebra has of routes now.
pub fn routes() -> Result<Vec<RouteCount>, String> {
    let mut counts = parse_routes(4, &ask("zebra", "show ip route summary json")?)?;
    counts.extend(parse_routes(6, &ask("zebra", "show ipv6 route summary json")?)?);
    Ok(counts)
}

/// `show ip route summary json`; origins without routes are left out.
pub fn parse_routes(family: u8, text: &str) -> Result<Vec<RouteCount>, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        routes: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        #[serde(rename = "type")]
        origin: String,
        rib: u64,
        fib: u64,
    }
    let answer: Answer = read(text)?;
    let rows = answer.routes.into_iter().filter(|row| row.rib > 0);
    let count = |row: Row| RouteCount {
        family,
        origin: row.origin,
        rib: row.rib,
        fib: row.fib,
    };
    Ok(rows.map(count).collect())
}

/// The daemons of `show watchfrr` and watchfrr's word for each: `Up`, `Down`, `Unresponsive` …
pub fn parse_watchfrr(text: &str) -> BTreeMap<String, String> {
    const WORDS: [&str; 5] = ["Up", "Down", "Init", "Connecting", "Unresponsive"];
    let daemon = |line: &str| {
        let (name, state) = line.trim().split_once(' ')?;
        let state = state.trim();
        let known = WORDS.iter().any(|word| state.starts_with(word));
        (line.starts_with("  ") && known).then(|| (name.to_owned(), state.to_owned()))
    };
    text.lines().filter_map(daemon).collect()
}

/// What `show bgp summary json` says of a family.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Family { peers: BTreeMap<String, Peer> },
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Peer {
    state: String,
    #[serde(default)]
    pfx_rcd: u64,
    #[serde(default)]
    pfx_snt: u64,
    #[serde(default)]
    peer_uptime_msec: u64,
}

/// What FRR calls the main table.
const MAIN: &str = "default";

/// `show bgp vrf all summary json`: the instances by their VRFs; `{}` without BGP.
pub fn parse_instances(text: &str) -> Result<BgpPeers, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Instance {
        Families(BTreeMap<String, Entry>),
        Other(IgnoredAny),
    }
    let instances: BTreeMap<String, Instance> = read(text)?;
    let mut found = BgpPeers::new();
    for (vrf, instance) in instances {
        if let Instance::Families(families) = instance {
            found.extend(peers_of(families, (vrf != MAIN).then_some(vrf)));
        }
    }
    Ok(found)
}

fn peers_of(families: BTreeMap<String, Entry>, vrf: Option<String>) -> BgpPeers {
    let mut found = BgpPeers::new();
    for (family, entry) in families {
        let peers = match entry {
            Entry::Family { peers } => peers,
            Entry::Other(IgnoredAny) => continue,
        };
        for (address, peer) in peers {
            let known = found.entry(in_vrf(address, vrf.as_ref())).or_default();
            known.vrf.clone_from(&vrf);
            known.state = peer.state;
            known.established_s = known.is_established().then_some(peer.peer_uptime_msec / 1000);
            known.prefixes.insert(family.clone(), peer.pfx_rcd);
            known.sent.insert(family.clone(), peer.pfx_snt);
        }
    }
    found
}

/// The neighbours in `show bfd peers json` with which BFD is not up; none in what cannot be read.
pub fn parse_bfd_down(text: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Peer {
        peer: String,
        status: String,
        #[serde(default)]
        vrf: Option<String>,
    }
    let peers: Vec<Peer> = read(text).unwrap_or_default();
    let down = peers.into_iter().filter(|peer| peer.status != "up");
    down.map(|peer| in_vrf(peer.peer, peer.vrf.filter(|vrf| vrf != MAIN).as_ref()))
        .collect()
}

/// `show ip ospf neighbor json`: by router-id, each on any number of interfaces; `{}` without OSPF.
pub fn parse_ospf(text: &str) -> Result<Vec<OspfNeighbor>, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        neighbors: BTreeMap<String, Vec<Neighbor>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Neighbor {
        // `state` is on its way out (FRR 9), `nbrState` was not always there.
        nbr_state: Option<String>,
        state: Option<String>,
        #[serde(default)]
        iface_name: String,
    }
    let answer: Answer = read(text)?;
    let each = answer.neighbors.into_iter().flat_map(|(id, adjacencies)| {
        adjacencies.into_iter().map(move |adjacency| OspfNeighbor {
            version: 2,
            id: id.clone(),
            // `eth1:192.0.2.1` in 8.4.
            interface: adjacency
                .iface_name
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
            state: adjacency.nbr_state.or(adjacency.state).unwrap_or_default(),
        })
    });
    Ok(each.collect())
}

/// `show ipv6 ospf6 neighbor json`.
pub fn parse_ospf6(text: &str) -> Result<Vec<OspfNeighbor>, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        neighbors: Vec<Neighbor>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Neighbor {
        neighbor_id: String,
        state: String,
        #[serde(default)]
        interface_name: String,
    }
    let answer: Answer = read(text)?;
    let each = answer.neighbors.into_iter().map(|neighbor| OspfNeighbor {
        version: 3,
        id: neighbor.neighbor_id,
        interface: neighbor.interface_name,
        state: neighbor.state,
    });
    Ok(each.collect())
}

/// `show isis neighbor json`: by area and circuit; a circuit without a neighbour has a number alone.
pub fn parse_isis(text: &str) -> Result<Vec<IsisNeighbor>, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        areas: Vec<Area>,
    }
    #[derive(Deserialize)]
    struct Area {
        #[serde(default)]
        circuits: Vec<Circuit>,
    }
    #[derive(Deserialize)]
    struct Circuit {
        adj: Option<String>,
        #[serde(default)]
        interface: String,
        #[serde(default)]
        level: u8,
        #[serde(default)]
        state: String,
    }
    let answer: Answer = read(text)?;
    let circuits = answer.areas.into_iter().flat_map(|area| area.circuits);
    let each = circuits.filter_map(|circuit| {
        Some(IsisNeighbor {
            level: circuit.level,
            id: circuit.adj?,
            interface: circuit.interface,
            state: circuit.state,
        })
    });
    Ok(each.collect())
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("FRR's answer: {error}"))
}
