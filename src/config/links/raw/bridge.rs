//! What the document says of bridge domains: every key of `[bridges]`.

use super::LinkRaw;
use crate::config::keys::{Named, table};
use crate::config::source::Located;
use crate::types::IfName;

/// `[bridges]`.
pub(in crate::config) type BridgeDomainsRaw = Named<IfName, BridgeDomainRaw>;

table! {
    /// A bridge domain of VPP; with addresses, this router has an interface of its name on it.
    struct BridgeDomainRaw includes link: LinkRaw {
        /// The interfaces, VLANs and VXLAN tunnels that are one Ethernet. Frames of a VLAN are in it without their tag.
        "members" => members: Vec<Located<String>>, required(), example("[\"internal.10\", \"internal.20\"]"), unordered(), also(&["interfaces", "member", "ports"]);
    }
}
