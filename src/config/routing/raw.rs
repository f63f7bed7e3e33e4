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
use super::log::LogLevel;
use crate::config::keys::{table, words};

table! {
    /// FRR as a whole: what it logs, and extra lines for settings that have no key.
    struct FrrRaw {
        /// From which severity on its daemons log.
        "log" => log: LogLevel, since("0.3.0"), example("\"warnings\""), default("\"informational\""), also(&["log-level", "log-syslog", "syslog"]);
        /// A file of lines for frr.conf.
        "extra-file" => extra_file: ExtraRaw, example("\"frr/extra.conf\""), also(&["extra", "include"]);
    }
}

words! {
    LogLevel {
        "emergencies" => LogLevel::Emergencies,
        "alerts" => LogLevel::Alerts,
        "critical" => LogLevel::Critical,
        "errors" => LogLevel::Errors,
        "warnings" => LogLevel::Warnings,
        "notifications" => LogLevel::Notifications,
        "informational" => LogLevel::Informational,
        "debugging" => LogLevel::Debugging,
    }
}
