//! What worked before the reboot: taken on a healthy machine when a trial is armed, compared with by the checks after it.

use super::frr::{self, BgpPeers, IsisNeighbor, OspfNeighbor};
use super::{Wanted, dataplane, management};
use crate::config::Attach;
use crate::facts::frr::release;
use crate::host::json;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Where it is, below the root.
const PATH: &str = "persistent/data/imp/boot/baseline.json";

/// Neighbours and cables at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Baseline {
    /// BGP's neighbours; `None` where FRR could not be asked, or there is no BGP.
    pub bgp: Option<BgpPeers>,
    /// OSPF's neighbours, likewise.
    pub ospf: Option<Vec<OspfNeighbor>>,
    /// Those of IS-IS, likewise.
    pub isis: Option<Vec<IsisNeighbor>>,
    /// Whether there was carrier, by interface; management's NIC is [`management::NIC`].
    pub carrier: BTreeMap<String, bool>,
}

impl Baseline {
    /// What works now. What cannot be asked is left out, and nothing is compared with it later. Ends within 18 s.
    pub fn take(root: &Root, wanted: &Wanted) -> Self {
        let (ospf, ospf6) = (wanted.has_ospf, wanted.has_ospf6);
        Self {
            bgp: wanted
                .bgp
                .as_ref()
                .and_then(|_| frr::bgp_peers(release(root)).ok()),
            ospf: (ospf || ospf6)
                .then(|| frr::ospf_neighbors(ospf, ospf6).ok())
                .flatten(),
            isis: wanted.has_isis.then(|| frr::isis_neighbors().ok()).flatten(),
            carrier: carrier(root, wanted),
        }
    }

    /// What was kept last; `None` when nothing can be read; a file that is there and cannot be read is logged.
    pub fn read(root: &Root) -> Option<Self> {
        let read = json::read(&root.join(PATH));
        read.inspect_err(|error| tracing::warn!("{PATH}: {error}; not comparing with it"))
            .ok()
            .flatten()
    }

    /// It is kept, outside both images.
    pub fn write(&self, root: &Root) -> io::Result<()> {
        json::write(&root.join(PATH), self, 0o600).map(|_| ())
    }
}

fn carrier(root: &Root, wanted: &Wanted) -> BTreeMap<String, bool> {
    let namespace = &wanted.namespace;
    let mut carrier = BTreeMap::new();
    if let (Some(management), Ok(host)) = (&wanted.management, management::look(root, namespace)) {
        carrier.extend(management::carrier(&host, management).map(|it| (management::NIC.to_owned(), it)));
    }
    let Ok(nics) = dataplane::look_nics(root, namespace) else {
        return carrier;
    };
    for (name, nic) in nics.bindings.iter().flat_map(|bindings| &bindings.nics) {
        let device = nics
            .devices
            .iter()
            .find(|link| Some(&link.name) == nic.device.as_ref());
        if let Some(link) = device.filter(|_| nic.attach == Attach::AfPacket) {
            carrier.insert(name.to_string(), link.carrier);
        }
    }
    carrier
}
