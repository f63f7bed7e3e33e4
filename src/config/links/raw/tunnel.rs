//! What the document says of tunnels: every key of `[tunnels]`.

use super::LinkRaw;
use crate::config::keys::{Named, bounded, table, words};
use crate::types::{HostAddr, IfName};

/// `[tunnels]`.
pub(in crate::config) type TunnelsRaw = Named<IfName, TunnelRaw>;

table! {
    /// A tunnel to another router.
    struct TunnelRaw includes link: LinkRaw {
        /// How packets are wrapped: in GRE, in IP alone, or as Ethernet frames in VXLAN.
        "type" => kind: TunnelType, required(), example("\"gre\""), also(&["encapsulation", "mode", "kind"]);
        /// The address of this router that the other one sends to.
        "source" => source: HostAddr, required(), example("\"192.0.2.1\""), also(&["local", "source-address", "src", "src_ip"]);
        /// The address of the other router, of the same family.
        "destination" => destination: HostAddr, required(), example("\"198.51.100.77\""), also(&["remote", "destination-address", "dst", "dst_ip"]);
        /// The number of the VXLAN, the same at both ends.
        "vni" => vni: Vni, required(), example("101"), modes(&["vxlan"]), also(&["vnid", "vxlan-id"]);
    }
}

/// How packets are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum TunnelType {
    Gre,
    Ipip,
    Vxlan,
}

impl TunnelType {
    /// As it is written.
    pub(in crate::config) fn word(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan => "vxlan",
        }
    }

    /// What VPP calls one by itself, before the number.
    pub(in crate::config) fn automatic(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan => "vxlan_tunnel",
        }
    }
}

words! {
    TunnelType { "gre" => TunnelType::Gre, "ipip" => TunnelType::Ipip, "vxlan" => TunnelType::Vxlan }
}

bounded! {
    /// The number of a VXLAN.
    Vni(u32) = 1..=16_777_215, "a VNI from 1 to 16,777,215";
}
