//! The host's namespace: management, and Incus's bridges.

use super::watched::on_host;
use super::{Kind, Node, Picture, State, node};
use crate::config::{Bridge, Management, ManagementAddressing};
use crate::types::IfName;

impl Picture<'_> {
    /// The namespace; nothing when neither management nor a bridge is configured.
    pub(super) fn host(&self) -> Option<Node> {
        let model = self.model;
        let management = model.management.iter().map(|it| self.management(it));
        let bridges = model.incus.bridges.iter().map(|(name, it)| self.bridge(name, it));
        let inner: Vec<Node> = management.chain(bridges).collect();
        let state = match self.seen {
            None => State::Planned,
            Some(_) => State::Up,
        };
        let space = node("namespace:host", Kind::Namespace, "host", state);
        (!inner.is_empty()).then(|| space.notes(on_host(model)).inner(inner))
    }

    fn management(&self, it: &Management) -> Node {
        let seen = self.seen.and_then(|seen| seen.management.as_ref());
        let state = match (self.seen, seen) {
            (None, _) => State::Planned,
            (Some(seen), None) if seen.host.is_none() => State::Unknown,
            (Some(_), None) => State::Absent,
            (Some(_), Some(device)) => self.in_host(device.as_ref()),
        };
        let addressing = match &it.addressing {
            ManagementAddressing::Dhcp => vec!["DHCP".to_owned()],
            ManagementAddressing::Static {
                addresses,
                gateway,
                gateway6,
                ..
            } => {
                let addresses = addresses.iter().map(ToString::to_string);
                let gateways = gateway.map(|it| it.to_string()).into_iter();
                let gateways = gateways.chain(gateway6.map(|it| it.to_string()));
                addresses
                    .chain(gateways.map(|it| format!("gateway {it}")))
                    .collect()
            }
        };
        node("nic:management", Kind::Nic, "management", state)
            .notes(addressing)
            .notes(seen.map(|device| format!("device {device}")))
            .note(&it.matches)
    }

    /// The bridge; Incus has its containers, not the configuration.
    fn bridge(&self, name: &IfName, bridge: &Bridge) -> Node {
        let range = bridge.dhcp_range.map(|range| format!("DHCP {range}"));
        let containers = node(
            format!("containers:{name}"),
            Kind::Containers,
            "containers",
            State::Planned,
        )
        .notes(range)
        .note(format!("router {}", bridge.gateway));
        node(
            format!("bridge:{name}"),
            Kind::Bridge,
            format!("bridge {name}"),
            self.in_host(name.as_ref()),
        )
        .note(bridge.address)
        .note(format!("port {name}-dp"))
        .inner(vec![containers])
    }
}
