//! What the document says of routing.

mod bfd;
mod bgp;
mod isis;
mod ospf;
mod policy;
mod redistribute;
mod route;
mod rpki;
mod session;
mod vrf;

pub(in crate::config) use bfd::{BfdProfileRaw, BfdRaw};
pub(in crate::config) use bgp::{BgpInstanceRaw, BgpOf, BgpRaw, ListenRangeRaw, VrfBgpRaw};
pub(in crate::config) use isis::{InterfaceIsisRaw, IsisRaw};
pub(in crate::config) use ospf::{AreaRaw, AreaType, InterfaceOspfRaw, OspfAuthRaw, OspfRaw, RangeRaw};
pub(in crate::config) use policy::{
    AsPathListsRaw, CommunitiesRaw, CommunityListsRaw, LargeCommunityListsRaw, ListMatchRaw, MatchRoutesRaw,
    PrefixListsRaw, PrependRaw, RouteMapEntryRaw, RouteMapsRaw, SetRaw, ThenRaw,
};
pub(in crate::config) use redistribute::{AnnouncedRaw, DefaultRouteRaw, ExternalRaw};
pub(in crate::config) use route::{RouteRaw, RoutesRaw};
pub(in crate::config) use rpki::RpkiRaw;
pub(in crate::config) use session::{
    AllowasIn, DefaultOriginateRaw, LocalAsRaw, LocalRoleRaw, MaximumPrefix, PolicyPairRaw, PrefixLimitRaw,
    SessionRaw, TimersRaw,
};

pub(in crate::config) use vrf::{VrfRaw, VrfsRaw};

use super::extra::ExtraRaw;
use crate::config::keys::table;

table! {
    /// Extra lines for FRR, for settings that have no key.
    struct FrrRaw {
        /// A file of lines for frr.conf.
        "extra-file" => extra_file: ExtraRaw, example("\"frr/extra.conf\""), also(&["extra", "include"]);
    }
}
