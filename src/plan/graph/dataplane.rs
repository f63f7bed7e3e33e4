//! The namespace of the dataplane: NICs, VPP's processes and what joins them.

use super::watched::on_link;
use super::{Joined, Kind, Node, Picture, State, node, switching};
use crate::config::{
    Attach, Carrier, Instance, Link, Nat, NatMode, Nic, Protocol, Protocols, StaticMapping, TagType, Vlan,
};
use crate::render::joints;
use crate::types::{IfName, InstanceName, NatName};
use std::net::{SocketAddrV4, SocketAddrV6};

impl Picture<'_> {
    /// The namespace; nothing when there is neither a VPP nor a word for FRR.
    pub(super) fn dataplane(&mut self) -> Option<Node> {
        let mut inner: Vec<Node> = Vec::new();
        for (of, it) in &self.model.interfaces {
            let nics = it.carrier.nics(of, it.link.at);
            inner.extend(nics.map(|(name, _, nic)| self.nic(name, nic, of)));
        }
        let mut instances: Vec<Node> = Vec::new();
        for (name, instance) in &self.model.instances {
            let vpp = self.vpp(name, instance);
            instances.push(vpp);
        }
        // Core comes first: the others hang on it.
        instances.sort_by_key(|vpp| vpp.name != "core");
        inner.extend(instances);
        inner.extend(self.pairs());
        inner.extend(self.frr());
        let name = &self.model.dataplane.namespace;
        let space = node(
            "namespace:dataplane",
            Kind::Namespace,
            format!("namespace {name}"),
            self.space(),
        );
        (!inner.is_empty()).then(|| space.inner(inner))
    }

    fn space(&self) -> State {
        match self.seen {
            None => State::Planned,
            Some(seen) if seen.namespace.is_some() => State::Up,
            Some(_) => State::Unknown,
        }
    }

    /// The device behind an interface. DPDK's has none in the kernel: its link is what the pair follows.
    fn nic(&mut self, name: &IfName, nic: &Nic, of: &IfName) -> Node {
        let binding = self.bindings.nics.get(name);
        let device = binding.and_then(|binding| binding.device.as_ref());
        let state = match (self.seen, binding) {
            (None, _) => State::Planned,
            (Some(_), None) => State::Absent,
            (Some(_), Some(binding)) => match (binding.attach, device) {
                (Attach::AfPacket, Some(device)) => self.in_namespace(device.as_ref()),
                _ => match self.in_namespace(name.as_ref()) {
                    // The function is there; whether its link is up only VPP knows, which made no pair.
                    State::Absent => State::Unknown,
                    state => state,
                },
            },
        };
        let attach = binding.map(|binding| binding.attach).or(nic.attach);
        let (pci, mac) = match binding {
            Some(binding) => (binding.pci, binding.mac),
            None => (nic.matches.pci, nic.matches.mac),
        };
        let id = format!("nic:{name}");
        self.join(&id, interface(of), Joined::Attached);
        let by_driver = nic
            .matches
            .driver
            .as_ref()
            .filter(|_| pci.is_none() && mac.is_none());
        node(id, Kind::Nic, format!("NIC {name}"), state)
            .notes(pci.map(|pci| format!("pci {pci}")))
            .notes(mac.map(|mac| format!("mac {mac}")))
            .notes(device.map(|device| format!("device {device}")))
            .notes(by_driver.map(|driver| format!("driver {driver}")))
            .notes(attach.map(|attach| match attach {
                Attach::Dpdk => "DPDK",
                Attach::AfPacket => "af-packet",
            }))
    }

    fn vpp(&mut self, name: &InstanceName, instance: &Instance) -> Node {
        let mut inner = Vec::new();
        if name.as_ref() == "core" {
            inner.extend(self.interfaces());
        }
        let module = self.model.nats.iter().find(|(_, nat)| nat.instance == *name);
        inner.extend(
            module
                .into_iter()
                .flat_map(|(nat_name, nat)| self.module(nat_name, nat)),
        );
        let (state, words) = self.process(name);
        node(format!("vpp:{name}"), Kind::Vpp, name.to_string(), state)
            .notes(instance.main_core.map(|core| format!("core {core}")))
            .notes(
                instance
                    .corelist_workers
                    .as_ref()
                    .map(|cores| format!("workers {cores}")),
            )
            .notes(instance.main_heap_size.map(|heap| format!("heap {heap}")))
            .notes(words)
            .inner(inner)
    }

    /// Whether the process runs and has its commands; why not, in words.
    fn process(&self, name: &InstanceName) -> (State, Option<String>) {
        let Some(seen) = self.seen else {
            return (State::Planned, None);
        };
        let Some(facts) = seen.instances.get(name) else {
            return (State::Unknown, None);
        };
        let failed = facts.failed.as_ref().map(|failed| failed.words.clone());
        match (facts.is_as_wanted(), facts.alive) {
            (true, _) => (State::Up, None),
            (false, true) if facts.changing.is_some() => (State::Up, Some("is being changed".to_owned())),
            (false, true) => (
                State::Down,
                failed.or(Some("runs with other commands".to_owned())),
            ),
            (false, false) if facts.applied.is_some() => {
                (State::Down, failed.or(Some("does not run".to_owned())))
            }
            (false, false) => (State::Absent, failed.or(Some("has no commands yet".to_owned()))),
        }
    }

    /// The interfaces of core, in the order in which they are joined to what is beside it.
    fn interfaces(&mut self) -> Vec<Node> {
        let model = self.model;
        let mut all = Vec::new();
        for it in model.interfaces.values() {
            self.pair(&it.link);
            let vlans = it.vlans.iter().map(|vlan| self.vlan(vlan)).collect();
            let node = self.link(&it.link, &it.protocols);
            all.push(node.notes(made(&it.carrier)).inner(vlans));
        }
        for (name, it) in &model.loopbacks {
            self.join(interface(name), "pairs", Joined::Pair);
            all.push(self.link(&it.link, &it.protocols).note("loopback"));
        }
        for tunnel in model.tunnels.values() {
            self.pair(&tunnel.link);
            all.push(self.tunnel(tunnel));
        }
        for (name, domain) in &model.bridges {
            domain.bvi.iter().for_each(|bvi| self.pair(&bvi.link));
            all.push(self.domain(name, domain));
        }
        for (name, nat) in &model.nats {
            all.extend(self.memifs(name, nat));
        }
        for (name, bridge) in &model.incus.bridges {
            self.join(interface(name), "pairs", Joined::Pair);
            self.join(interface(name), format!("bridge:{name}"), Joined::Veth);
            let state = self.in_namespace(name.as_ref());
            let port = node(interface(name), Kind::Interface, name.to_string(), state);
            all.push(port.notes(bridge.addresses()).note(format!("on {name}-vpp")));
        }
        all
    }

    /// Joins an interface to its Linux side, where it has one.
    fn pair(&mut self, link: &Link) {
        if link.lcp {
            self.join(format!("core:{}", link.name), "pairs", Joined::Pair);
        }
    }

    fn vlan(&self, vlan: &Vlan) -> Node {
        let inner = vlan.inner.iter();
        let inner = inner.map(|it| self.link(&it.link, &it.protocols)).collect();
        let node = self.link(&vlan.link, &vlan.protocols);
        node.notes((vlan.kind == TagType::Dot1ad).then_some("802.1ad"))
            .inner(inner)
    }

    pub(super) fn link(&self, link: &Link, protocols: &Protocols) -> Node {
        let name = link.name.as_ref();
        let state = self.state_of(link);
        let description = protocols.description.as_ref();
        node(format!("core:{name}"), Kind::Interface, name, state)
            .notes(&link.addresses)
            .notes(link.mtu.map(|mtu| format!("MTU {mtu}")))
            .notes(description.map(|text| format!("\"{text}\"")))
            .notes(link.vrf.as_ref().map(|vrf| format!("VRF {}", vrf.name)))
            .notes((!link.enabled).then_some("disabled"))
            .notes(link.switched.as_ref().map(switching::goes))
            .notes(super::traffic::notes(&link.traffic))
            .notes(on_link(&self.model.export, &link.name))
            .notes((!link.lcp && link.switched.is_none()).then_some("no Linux side"))
    }

    /// The ends in core of the memifs to a module.
    fn memifs(&mut self, name: &NatName, nat: &Nat) -> Vec<Node> {
        let both = joints(name, nat).into_iter();
        let state = self.joined(nat);
        both.map(|joint| {
            let (id, end) = (format!("core:{}", joint.core.0), joint.module.0);
            self.join(&id, format!("{}:{end}", nat.instance), Joined::Memif);
            node(id, Kind::Memif, joint.core.0, state)
                .notes(joint.core.1)
                .note(format!("{name}, {}", joint.carries))
        })
        .collect()
    }

    /// The ends in the instance of a module, and the module.
    fn module(&self, name: &NatName, nat: &Nat) -> Vec<Node> {
        let ends = joints(name, nat).into_iter().map(|joint| {
            let (end, addresses) = joint.module;
            node(
                format!("{}:{end}", nat.instance),
                Kind::Memif,
                end,
                self.joined(nat),
            )
            .notes(addresses)
            .note(joint.carries)
        });
        let mut all: Vec<Node> = ends.collect();
        let (state, _) = self.process(&nat.instance);
        let module = node(format!("nat:{name}"), Kind::Nat, format!("NAT {name}"), state);
        let from = (!nat.from.is_empty()).then(|| format!("from {}", nat.from.join(", ")));
        all.push(module.notes(translations(nat)).notes(from));
        all
    }

    /// A memif is up when both of its processes are.
    fn joined(&self, nat: &Nat) -> State {
        let (module, _) = self.process(&nat.instance);
        let core = self.model.instances.keys().find(|name| name.as_ref() == "core");
        match core.map(|core| self.process(core).0) {
            Some(State::Up) => module,
            Some(other) => other,
            None => module,
        }
    }

    /// The kernel's devices for the interfaces of core.
    fn pairs(&self) -> Option<Node> {
        let model = self.model;
        let interfaces = model.interfaces.values().flat_map(|it| {
            let vlans = it.vlans.iter().flat_map(with_inner);
            std::iter::once(&it.link).chain(vlans)
        });
        let loopbacks = model.loopbacks.values().map(|it| &it.link);
        let paired = interfaces.chain(loopbacks).filter(|link| link.lcp);
        let paired = paired.map(|link| link.name.to_string());
        let bridges = model.incus.bridges.keys().map(ToString::to_string);
        let names: Vec<String> = paired.chain(bridges).collect();
        let pairs = node("pairs", Kind::Pairs, "linux-cp pairs", self.all(&names));
        (!names.is_empty()).then(|| pairs.notes(names))
    }

    /// How devices of the namespace are together: the worst of them.
    fn all(&self, names: &[String]) -> State {
        let states: Vec<State> = names.iter().map(|name| self.in_namespace(name)).collect();
        let order = [State::Planned, State::Unknown, State::Absent, State::Down];
        let worst = order.into_iter().find(|state| states.contains(state));
        worst.unwrap_or(State::Up)
    }
}

/// The id of an interface of core.
fn interface(name: &IfName) -> String {
    format!("core:{name}")
}

/// A VLAN, and those inside it.
fn with_inner(vlan: &Vlan) -> impl Iterator<Item = &Link> {
    let inner = vlan.inner.iter().map(|it| &it.link);
    std::iter::once(&vlan.link).chain(inner)
}

/// How an interface is made that is more than a NIC.
fn made(carrier: &Carrier) -> Option<String> {
    match carrier {
        Carrier::Nic(_) => None,
        Carrier::Commands => Some("made by extra commands".to_owned()),
        Carrier::Bond(bond) => {
            let members: Vec<String> = bond.members.iter().map(|it| it.name.to_string()).collect();
            Some(format!("bond, {}: {}", bond.mode.word(), members.join(", ")))
        }
    }
}

/// What a module translates.
fn translations(nat: &Nat) -> Vec<String> {
    match &nat.mode {
        NatMode::Det44 { mappings } => {
            let each = mappings.iter().map(|it| {
                let ports = it.ports_per_subscriber();
                format!("{} to {}, {ports} ports each", it.inside, it.outside)
            });
            std::iter::once("det44".to_owned()).chain(each).collect()
        }
        NatMode::Nat44Ed {
            inside,
            pool,
            sessions,
            statics,
            log,
        } => {
            let each = inside.iter().map(|net| format!("{net} to {pool}"));
            let log = log.map(|log| format!("sessions are logged to {}", log.collector));
            std::iter::once(format!("nat44-ed, {sessions} sessions"))
                .chain(each)
                .chain(statics.iter().map(forwarded))
                .chain(log)
                .collect()
        }
        NatMode::Nat64 {
            prefix,
            pool,
            statics,
        } => {
            let statics = statics.iter().map(|it| {
                let outside = SocketAddrV4::new(it.outside, it.outside_port);
                let inside = SocketAddrV6::new(it.inside, it.inside_port, 0, 0);
                format!("{outside} is {inside}, {}", word(it.protocol))
            });
            ["nat64".to_owned(), format!("{prefix} to {pool}")]
                .into_iter()
                .chain(statics)
                .collect()
        }
    }
}

fn forwarded(it: &StaticMapping) -> String {
    match it.port {
        None => format!("{} is {}", it.outside, it.inside),
        Some((protocol, inside, outside)) => {
            let word = word(protocol);
            format!("{}:{outside} is {}:{inside}, {word}", it.outside, it.inside)
        }
    }
}

fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    }
}
