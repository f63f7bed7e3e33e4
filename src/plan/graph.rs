//! A router as a picture: what is inside of what, what is joined to what, and how each part is.

mod dataplane;
mod host;
mod routing;
mod switching;
mod traffic;
mod watched;

use crate::config::Model;
use crate::facts::vpp::InstanceFacts;
use crate::render::Bindings;
use crate::types::{InstanceName, KernelName};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A network namespace.
    Namespace,
    /// A NIC.
    Nic,
    /// A VPP process.
    Vpp,
    /// An interface of VPP, with its VLANs inside.
    Interface,
    /// One end of a memif.
    Memif,
    /// A NAT module.
    Nat,
    /// The kernel's devices for the interfaces of core (linux-cp).
    Pairs,
    /// The routing daemons, with their neighbours inside.
    Frr,
    /// A neighbour of BGP, or an interface of OSPF.
    Neighbour,
    /// A bridge of Incus.
    Bridge,
    /// The containers on a bridge.
    Containers,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody looked: this is what the configuration asks for.
    Planned,
    /// It is there and works.
    Up,
    /// It is there and does not work.
    Down,
    /// It is not there.
    Absent,
    /// It could not be found out.
    Unknown,
}

/// A part of the router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Node {
    /// Its name among all parts.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What an operator calls it.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What else is to be said: addresses, MTU, description.
    pub notes: Vec<String>,
    /// What is inside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<Node>,
}

/// How two parts are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joined {
    /// VPP drives the NIC.
    Attached,
    /// A linux-cp pair: what is for the router itself goes to the kernel, and FRR.
    Pair,
    /// Shared memory between two VPP processes.
    Memif,
    /// A veth pair between two namespaces.
    Veth,
    /// The kernel's routes, which FRR writes and VPP follows.
    Routes,
}

/// Two parts that are joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Edge {
    /// The id of one.
    pub from: String,
    /// The id of the other.
    pub to: String,
    /// How.
    pub by: Joined,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Graph {
    /// The router's name.
    pub router: String,
    /// The namespaces, with everything in them. Every id is there once.
    pub namespaces: Vec<Node>,
    /// What is joined; both ids are there.
    pub edges: Vec<Edge>,
}

/// What was seen of the router; `None` where it could not be read.
#[derive(Debug, Default)]
pub struct Seen {
    /// The devices of the host namespace, and whether each is up and has carrier.
    pub host: Option<BTreeMap<KernelName, bool>>,
    /// The same of the dataplane's.
    pub namespace: Option<BTreeMap<KernelName, bool>>,
    /// The management NIC, if it is there.
    pub management: Option<KernelName>,
    /// The VPP instances.
    pub instances: BTreeMap<InstanceName, InstanceFacts>,
    /// BGP's neighbours, those of a VRF as `ADDRESS in VRF`, and the state of each in FRR's words.
    pub bgp: Option<BTreeMap<String, String>>,
    /// OSPF's adjacencies: the interface, the neighbour's router-id and the state in FRR's words.
    pub ospf: Option<Vec<(String, String, String)>>,
    /// The same of IS-IS: the interface, the neighbour's name and the state.
    pub isis: Option<Vec<(String, String, String)>>,
}

/// The picture of a configuration on a machine with these NICs; without anything seen, as it is planned.
pub fn graph(model: &Model, bindings: &Bindings, seen: Option<&Seen>) -> Graph {
    let mut picture = Picture {
        model,
        bindings,
        seen,
        edges: Vec::new(),
    };
    let namespaces = [picture.dataplane(), picture.host()];
    Graph {
        router: model.system.hostname.to_string(),
        namespaces: namespaces.into_iter().flatten().collect(),
        edges: picture.edges,
    }
}

/// A picture that is being drawn.
struct Picture<'a> {
    model: &'a Model,
    bindings: &'a Bindings,
    seen: Option<&'a Seen>,
    edges: Vec<Edge>,
}

impl Picture<'_> {
    fn join(&mut self, from: impl Into<String>, to: impl Into<String>, by: Joined) {
        self.edges.push(Edge {
            from: from.into(),
            to: to.into(),
            by,
        });
    }

    /// How a device is, of those of a namespace.
    fn device(&self, of: fn(&Seen) -> &Option<BTreeMap<KernelName, bool>>, name: &str) -> State {
        let Some(seen) = self.seen else {
            return State::Planned;
        };
        match of(seen).as_ref().map(|devices| devices.get(name)) {
            None => State::Unknown,
            Some(None) => State::Absent,
            Some(Some(true)) => State::Up,
            Some(Some(false)) => State::Down,
        }
    }

    /// How a device of the dataplane's namespace is.
    fn in_namespace(&self, name: &str) -> State {
        self.device(|seen| &seen.namespace, name)
    }

    /// How a device of the host's is.
    fn in_host(&self, name: &str) -> State {
        self.device(|seen| &seen.host, name)
    }
}

fn node(id: impl Into<String>, kind: Kind, name: impl Into<String>, state: State) -> Node {
    Node {
        id: id.into(),
        kind,
        name: name.into(),
        state,
        notes: Vec::new(),
        inner: Vec::new(),
    }
}

impl Node {
    /// What it is called where its kind is not plain from the place: `VPP core`.
    pub fn label(&self) -> String {
        match self.kind {
            Kind::Vpp => format!("VPP {}", self.name),
            _ => self.name.clone(),
        }
    }

    fn note(mut self, note: impl ToString) -> Self {
        self.notes.push(note.to_string());
        self
    }

    fn notes<T: ToString>(mut self, notes: impl IntoIterator<Item = T>) -> Self {
        self.notes.extend(notes.into_iter().map(|note| note.to_string()));
        self
    }

    fn inner(mut self, inner: Vec<Node>) -> Self {
        self.inner = inner;
        self
    }
}
