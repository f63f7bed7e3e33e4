//! `[vrfs]`.

use super::{RoutesRaw, VrfBgpRaw};
use crate::config::keys::{Named, NotYet, Reading, Shape, Takes, Value, table};
use crate::types::{TypeError, VrfName};
use std::ops::RangeInclusive;

/// `[vrfs]`.
pub(in crate::config) type VrfsRaw = Named<VrfName, VrfRaw>;

table! {
    /// A routing table of its own for the interfaces that say `vrf`.
    struct VrfRaw {
        /// Its number in VPP and Linux.
        "table" => table: VrfTable, required(), since("0.3.0"), example("10"), also(&["id", "table-id"]);
        /// Its static routes, by prefix.
        "routes" => routes: RoutesRaw, since("0.3.0"), example("{ \"0.0.0.0/0\" = { via = \"198.51.100.1\" } }"), also(&["route", "static", "static-routes", "routing-options"]);
        /// BGP in it.
        "bgp" => bgp: VrfBgpRaw, since("0.3.0"), example("{ networks = [\"203.0.113.0/24\"] }"), otherwise("no BGP in it");
        /// OSPF in it.
        "ospf" => ospf: NotYet, example("{}"), not_yet("OSPF runs in the main table alone yet; in a VRF there are BGP and static routes"), also(&["ospf6", "ospfv3"]);
        /// IS-IS in it.
        "isis" => isis: NotYet, example("{}"), not_yet("IS-IS runs in the main table alone yet; in a VRF there are BGP and static routes");
        /// The VRFs whose routes it has too.
        "import" => import: NotYet, example("[\"OTHER\"]"), not_yet("each VRF has its own routes alone yet; a cable or a tunnel joins two of them"), also(&["import-vrf", "export", "leak", "leaks", "route-target", "vrf-target", "rd", "route-distinguisher"]);
    }
}

/// The kernel's own tables: default, main and local.
const KERNELS: RangeInclusive<i64> = 253..=255;
/// The highest number: for the next one, VPP makes a table with a number of its own choice.
const HIGHEST: u32 = u32::MAX - 1;

/// The number of a VRF's table.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct VrfTable(pub(in crate::config) u32);

impl Takes for VrfTable {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let number = value.number(reading)?;
        let table = u32::try_from(number).ok().filter(|table| *table <= HIGHEST);
        let table = table.filter(|_| number != 0 && !KERNELS.contains(&number));
        let wrong =
            || TypeError::expected("a routing table from 1 to 4294967294, not 253 to 255 (the kernel's own)");
        value.checked(reading, table.map(Self).ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Number {
            about: "a routing table from 1 to 4294967294, not 253 to 255",
            least: 1,
            greatest: HIGHEST as i64,
        }
    }
}
