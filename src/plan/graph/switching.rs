//! Tunnels, bridge domains, and what is switched: inside of core.

use super::{Kind, Node, Picture, State, node};
use crate::config::{BridgeDomain, Link, Switched, Tunnel, TunnelKind, TunnelWay};
use crate::types::IfName;

impl Picture<'_> {
    /// A tunnel, with its ends.
    pub(super) fn tunnel(&self, it: &Tunnel) -> Node {
        let note = match &it.way {
            TunnelWay::Plain(ends) => {
                let kind = match ends.kind {
                    TunnelKind::Vxlan { vni } => format!("vxlan {vni}"),
                    kind => kind.word().to_owned(),
                };
                format!("{kind}, {} to {}", ends.source, ends.destination)
            }
            TunnelWay::Wireguard(it) => {
                let peers: Vec<&str> = it.peers.iter().map(|peer| peer.name.as_ref()).collect();
                format!("wireguard, {} to {}", it.source, peers.join(", "))
            }
        };
        self.link(&it.link, &it.protocols).note(note)
    }

    /// A bridge domain with its members: this router's interface on it, where it has one.
    pub(super) fn domain(&self, name: &IfName, it: &BridgeDomain) -> Node {
        let domain = match &it.bvi {
            Some(bvi) => self.link(&bvi.link, &bvi.protocols),
            None => node(
                format!("core:{name}"),
                Kind::Interface,
                name.to_string(),
                self.unseen(),
            ),
        };
        let members: Vec<&str> = it.members.iter().map(AsRef::as_ref).collect();
        domain.note(format!("bridge of {}", members.join(", ")))
    }

    /// How an interface is: by its Linux side; without one only VPP knows.
    pub(super) fn state_of(&self, link: &Link) -> State {
        match link.lcp {
            true => self.in_namespace(link.name.as_ref()),
            false => self.unseen(),
        }
    }

    /// How something is that only VPP knows of.
    fn unseen(&self) -> State {
        match self.seen {
            None => State::Planned,
            Some(_) => State::Unknown,
        }
    }
}

/// Where the frames of a switched interface go.
pub(super) fn goes(switched: &Switched) -> String {
    match switched {
        Switched::Bridge(bridge) => format!("in the bridge {bridge}"),
        Switched::To(to) => format!("switched to {to}"),
    }
}
