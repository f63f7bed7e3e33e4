//! What loopbacks, interfaces and VLANs have in common.

use crate::config::{InterfaceIsis, InterfaceOspf, Model};
use crate::types::{IfAddr, Line};
use std::borrow::Cow;

/// An L3 interface that a document declares, of whichever kind; what a kind has beside it is left out.
#[derive(Debug, Clone, Default)]
pub struct Link<'m> {
    /// The name, the same in VPP, Linux and frr.conf.
    pub name: Cow<'m, str>,
    /// `description`.
    pub description: Option<&'m Line>,
    /// Its addresses.
    pub addresses: &'m [IfAddr],
    /// `ospf = { … }`.
    pub ospf: Option<&'m InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<&'m InterfaceOspf>,
    /// `isis = { … }`.
    pub isis: Option<&'m InterfaceIsis>,
}

macro_rules! link {
    ($name:expr, $it:expr) => {
        Link {
            name: $name,
            description: $it.description.as_ref(),
            addresses: &$it.addresses,
            ospf: $it.ospf.as_ref(),
            ospf6: $it.ospf6.as_ref(),
            isis: $it.isis.as_ref(),
        }
    };
}

impl Model {
    /// Every loopback, interface and VLAN, in that order.
    pub fn links(&self) -> impl Iterator<Item = Link<'_>> {
        let loopbacks = self.loopbacks.iter();
        let loopbacks = loopbacks.map(|(name, it)| link!(name.as_ref().into(), it));
        let parents = self.interfaces.iter();
        let parents = parents.map(|(name, it)| link!(name.as_ref().into(), it));
        let vlans = self.interfaces.values().flat_map(|it| &it.vlans);
        let vlans = vlans.map(|it| link!(it.name.to_string().into(), it));
        loopbacks.chain(parents).chain(vlans)
    }
}
