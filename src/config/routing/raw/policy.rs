//! Route-maps, and the lists they match.

use crate::config::code::E0106;
use crate::config::diag::Diagnostic;
use crate::config::did_you_mean;
use crate::config::keys::{
    Filled, Named, OneOrMore, Reading, Shape, Takes, Value, bounded, normal, table, words,
};
use crate::config::routing::list::{Communities, Rule};
use crate::config::routing::policy::{Action, Adjustment, Origin, SourceProtocol, Validity};
use crate::config::routing::prefix_list::PrefixListRaw;
use crate::config::source::Located;
use crate::types::{AsPathRegex, Asn, Community, HostAddr, LargeCommunity, Line, PolicyName, TypeError};

/// `[prefix-lists]`.
pub(in crate::config) type PrefixListsRaw = Named<PolicyName, PrefixListRaw>;
/// `[as-path-lists]`.
pub(in crate::config) type AsPathListsRaw = Named<PolicyName, Filled<Rule<AsPathRegex>>>;
/// `[community-lists]`.
pub(in crate::config) type CommunityListsRaw = Named<PolicyName, Filled<Rule<Communities<Community>>>>;
/// `[large-community-lists]`.
pub(in crate::config) type LargeCommunityListsRaw =
    Named<PolicyName, Filled<Rule<Communities<LargeCommunity>>>>;
/// `[route-maps]`.
pub(in crate::config) type RouteMapsRaw = Named<PolicyName, Filled<RouteMapEntryRaw>>;

table! {
    /// An entry of a route-map.
    struct RouteMapEntryRaw {
        /// Its number in FRR; between two of them there is room for the entries that stand there.
        "seq" => seq: Sequence, since("0.3.0"), example("15"), otherwise("a number between those around it"), also(&["sequence", "number", "rule"]);
        /// Whether matching routes are accepted or dropped.
        "action" => action: Action, required(), example("\"permit\"");
        /// A description for operators.
        "description" => description: Line, example("\"What we announce\""), also(&["descr", "comment"]);
        /// The conditions; a route has to meet all of them.
        "match" => matches: MatchRoutesRaw, example("{ prefix-list = \"OURS\" }"), otherwise("every route"), also(&["from", "if"]);
        /// What is set on matching routes.
        "set" => set: SetRaw, example("{ local-preference = 100 }"), otherwise("nothing");
        /// Another route-map that has to permit the route, too; it sees and may change what this entry sets.
        "call" => call: PolicyName, since("0.3.0"), example("\"COMMON\""), otherwise("none"), also(&["apply", "subroutine"]);
        /// Where a permitted route goes on: at the next entry, or at that with a seq; accepted if none behind matches.
        "then" => then: ThenRaw, since("0.3.0"), example("\"next\""), otherwise("it is accepted"), also(&["on-match", "continue", "goto"]);
    }

    /// What an entry of a route-map matches.
    struct MatchRoutesRaw {
        /// A prefix-list that has to permit the prefix.
        "prefix-list" => prefix_list: PolicyName, example("\"OURS\""), also(&["ip-address", "address", "prefix", "prefix-set"]);
        /// A prefix-list that has to permit the next hop.
        "next-hop" => next_hop: PolicyName, since("0.3.0"), example("\"BORDERS\""), also(&["nexthop", "next-hop-prefix-list", "ip-next-hop"]);
        /// A list that has to permit the AS path.
        "as-path-list" => as_path_list: PolicyName, since("0.3.0"), example("\"BOGON-ASN\""), also(&["as-path", "as-path-set", "as-path-group"]);
        /// A community-list that has to permit its communities.
        "community-list" => community_list: ListMatchRaw, example("\"CUSTOMERS\""), also(&["community", "communities"]);
        /// A list that has to permit its large communities.
        "large-community-list" => large_community_list: ListMatchRaw, since("0.3.0"), example("\"CUSTOMERS\""), also(&["large-community", "large-communities"]);
        /// What the caches of [rpki] say of its origin; nothing matches while none of them is in sync.
        "rpki" => rpki: Validity, since("0.3.0"), example("\"invalid\""), also(&["validation-state", "rpki-state", "rov"]);
        /// The interface its next hop is on.
        "interface" => interface: String, since("0.3.0"), example("\"external.25\""), also(&["dev", "device"]);
        /// The neighbour it comes from: an address, the interface of an unnumbered one, or a peer-group.
        "peer" => peer: Peer, since("0.3.0"), example("\"198.51.100.1\""), also(&["neighbor", "neighbour"]);
        /// The metric: MED in BGP.
        "metric" => metric: Metric, since("0.3.0"), example("5"), also(&["med"]);
        /// The local preference.
        "local-preference" => local_preference: Any, since("0.3.0"), example("100"), also(&["local-pref", "localpref"]);
        /// The protocol it comes from.
        "source-protocol" => source_protocol: SourceProtocol, since("0.3.0"), example("\"static\""), also(&["protocol"]);
        /// How its origin learned it.
        "origin" => origin: Origin, since("0.3.0"), example("\"igp\"");
        /// The tag.
        "tag" => tag: Tag, example("7");
    }

    /// A list that is matched in full.
    struct ListMatchedRaw {
        /// The list.
        "name" => name: PolicyName, required(), since("0.3.0"), example("\"CUSTOMERS\""), also(&["list"]);
        /// Whether the route may have no other communities.
        "exact" => exact: bool, since("0.3.0"), example("true"), default("false"), also(&["exact-match"]);
    }

    /// What an entry of a route-map sets.
    struct SetRaw {
        /// The local preference, or how much is added to it or taken from it.
        "local-preference" => local_preference: Adjustment, example("100"), also(&["local-pref", "localpref", "bgp_local_pref", "preference"]);
        /// The metric, or how much is added to it or taken from it: MED in BGP.
        "metric" => metric: Adjustment, example("\"+10\""), also(&["med", "multi-exit-disc", "bgp_med"]);
        /// The weight.
        "weight" => weight: Any, example("10");
        /// The tag.
        "tag" => tag: Tag, example("7");
        /// The next hop, or one for each address family.
        "next-hop" => next_hop: OneOrMore<HostAddr>, example("[\"192.0.2.9\", \"2001:db8::9\"]"), unordered(), also(&["nexthop", "ip-next-hop", "next-hop6", "ipv6-next-hop"]);
        /// How its origin learned it.
        "origin" => origin: Origin, since("0.3.0"), example("\"igp\"");
        /// AS numbers to prepend to the path, at most 16, or how often the neighbour's own.
        "as-path-prepend" => as_path_prepend: PrependRaw, example("[64500, 64500]"), default("[]"), also(&["prepend", "as-prepend", "prepend-as", "prepend-own"]);
        /// AS numbers that are taken out of the path.
        "as-path-exclude" => as_path_exclude: Vec<Located<Asn>>, since("0.3.0"), example("[64500]"), default("[]"), also(&["as-exclude"]);
        /// The communities of the route, or "none".
        "community" => community: CommunitiesRaw<Community>, example("[\"64500:100\"]"), default("[]"), unordered(), also(&["communities", "add-community"]);
        /// The large communities of the route, or "none".
        "large-community" => large_community: CommunitiesRaw<LargeCommunity>, example("[\"64500:1:100\"]"), default("[]"), unordered(), also(&["large-communities"]);
        /// Whether the communities are added to those it has.
        "additive" => additive: bool, example("true"), default("false"), also(&["add"]);
        /// A community-list: what it permits is taken away, before others are set.
        "delete-community" => delete_community: PolicyName, since("0.3.0"), example("\"OWN\""), also(&["comm-list", "delete-communities", "remove-community"]);
        /// The same for large communities.
        "delete-large-community" => delete_large_community: PolicyName, since("0.3.0"), example("\"OWN\""), also(&["large-comm-list", "remove-large-community"]);
        /// The address this router uses for packets to it, in a map for the kernel's routes.
        "src" => src: HostAddr, since("0.3.0"), example("\"192.0.2.1\""), also(&["source", "preferred-source", "prefsrc", "krt_prefsrc"]);
    }

    /// A path that is made longer by the AS of the neighbour.
    struct LastAsRaw {
        /// How often it is prepended.
        "last-as" => last_as: Times, required(), since("0.3.0"), example("3");
    }
}

bounded! {
    /// The number of an entry.
    Sequence(u16) = 1..=65_535, "a number from 1 to 65535";
    /// A metric that is matched; FRR refuses 0.
    Metric(u32) = 1..=u32::MAX, "a number from 1 to 4294967295; FRR cannot match 0";
    /// How often an AS is prepended.
    Times(u8) = 1..=10, "a number from 1 to 10";
    /// The tag of a route.
    Tag(u32) = 1..=u32::MAX, "a tag from 1 to 4294967295";
    /// Any number of 32 bits.
    Any(u32) = 0..=u32::MAX, "a number from 0 to 4294967295";
}

words! {
    Action { "permit" => Action::Permit, "deny" => Action::Deny }
    Validity { "valid" => Validity::Valid, "invalid" => Validity::Invalid, "notfound" => Validity::Notfound }
    Origin { "igp" => Origin::Igp, "egp" => Origin::Egp, "incomplete" => Origin::Incomplete }
    SourceProtocol {
        "connected" => SourceProtocol::Connected,
        "kernel" => SourceProtocol::Kernel,
        "static" => SourceProtocol::Static,
        "bgp" => SourceProtocol::Bgp,
        "ospf" => SourceProtocol::Ospf,
        "ospf6" => SourceProtocol::Ospf6,
        "isis" => SourceProtocol::Isis,
        "rip" => SourceProtocol::Rip,
    }
}

/// A neighbour, an interface with one, or a peer-group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct Peer(pub(in crate::config) String);

impl std::str::FromStr for Peer {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let address = text.parse::<HostAddr>().map(|it| it.to_string());
        let name = || text.parse::<PolicyName>().map(|it| it.to_string());
        let wrong =
            |_| TypeError::expected("the address of a neighbour, or the name of an interface or peer-group");
        address.or_else(|_| name()).map(Self).map_err(wrong)
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Takes for Peer {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.parse(reading)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an address, or the name of an interface or peer-group",
            pattern: "^[0-9A-Za-z:._-]{1,63}$",
            normal: normal::<Self>,
        }
    }
}

/// `community-list = "NAME"`, or with `exact`.
#[derive(Debug, Clone)]
pub(in crate::config) struct ListMatchRaw {
    /// The list.
    pub(in crate::config) name: Located<PolicyName>,
    /// Whether nothing else may be there.
    pub(in crate::config) exact: bool,
}

impl Takes for ListMatchRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            let name = Located {
                value: PolicyName::read(value, reading)?,
                span: value.span(),
            };
            return Some(Self { name, exact: false });
        }
        let raw = ListMatchedRaw::read(value, reading)?;
        Some(Self {
            name: raw.name.copied()?,
            exact: raw.exact.is_on(),
        })
    }

    fn shape() -> Shape {
        Shape::Either(vec![PolicyName::shape(), ListMatchedRaw::shape()])
    }
}

/// `then = "next"`, or the `seq` of a later entry.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum ThenRaw {
    /// The entry behind this one.
    Next,
    /// The entry with this number.
    Seq(u16),
}

impl Takes for ThenRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let is_word = |text: &&str| text.contains(|c: char| !c.is_ascii_digit());
        let typed = value.is_text().then(|| value.text(reading)).flatten();
        match typed.filter(is_word) {
            Some("next") => Some(Self::Next),
            Some(typed) => {
                let message = format!("invalid value for '{}'", value.path());
                let error = value.refuse(E0106, message);
                let error = error.label("expected \"next\" or the seq of a later entry");
                reading.report(match meant_by_then(typed) {
                    Some(meant) => error.hint(meant),
                    None => error,
                });
                None
            }
            None => Sequence::read(value, reading).map(|seq| Self::Seq(seq.get())),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![Shape::Words(vec!["next"]), Sequence::shape()])
    }
}

/// `then` of other routers is the verdict itself.
fn meant_by_then(typed: &str) -> Option<&'static str> {
    match typed {
        "accept" | "permit" | "pass" => Some("what accepts a route is `action = \"permit\"`"),
        "reject" | "deny" | "drop" | "discard" => Some("what drops a route is `action = \"deny\"`"),
        _ => did_you_mean(typed, ["next"]).map(|_| "did you mean 'next'?"),
    }
}

/// A list of AS numbers, or `{ last-as = N }`.
#[derive(Debug, Clone)]
pub(in crate::config) enum PrependRaw {
    /// These.
    Asns(Vec<Located<Asn>>),
    /// The neighbour's, so often.
    LastAs(u8),
}

impl Takes for PrependRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_table() {
            true => Some(Self::LastAs(
                LastAsRaw::read(value, reading)?.last_as.value()?.get(),
            )),
            false => Takes::read(value, reading).map(Self::Asns),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![Vec::<Located<Asn>>::shape(), LastAsRaw::shape()])
    }
}

/// A list of communities, or "none".
#[derive(Debug, Clone)]
pub(in crate::config) enum CommunitiesRaw<C> {
    /// None at all.
    None,
    /// These.
    These(Vec<Located<C>>),
}

impl<C> CommunitiesRaw<C> {
    /// Those that are named.
    pub(in crate::config) fn items(&self) -> &[Located<C>] {
        match self {
            Self::None => &[],
            Self::These(items) => items,
        }
    }
}

impl<C: Takes> Takes for CommunitiesRaw<C> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_text() {
            return Takes::read(value, reading).map(Self::These);
        }
        match value.text(reading)? {
            "none" => Some(Self::None),
            typed => {
                reading.report(no_list(value, typed));
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![Vec::<Located<C>>::shape(), Shape::Words(vec!["none"])])
    }
}

/// Communities in one text, as other routers have them: `64500:1 64500:2 additive`.
fn no_list(value: &Value<'_>, typed: &str) -> Diagnostic {
    let (additive, communities): (Vec<&str>, Vec<&str>) = typed
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .partition(|word| *word == "additive");
    let beside = if additive.is_empty() {
        ""
    } else {
        ", and additive = true beside it"
    };
    let refused = value.refuse(E0106, format!("invalid value for '{}'", value.path()));
    refused
        .label("expected a list of communities, or \"none\"")
        .hint(format!("write {communities:?}{beside}"))
}

/// A number, or a text like "+10".
impl Takes for Adjustment {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_text() {
            true => value.parse(reading),
            // TOML reads +10 as 10: a change would become a value.
            false if value.has_sign() => value.checked(
                reading,
                Err(TypeError::expected(
                    "it in quotes where it is added or taken away: \"+10\", \"-10\"",
                )),
            ),
            false => Any::read(value, reading).map(|number| Self::To(number.get())),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Any::shape(),
            Shape::Text {
                about: "how much is added or taken away, like +10 or -10",
                pattern: "^[+-]?[0-9]{1,10}$",
                normal: normal::<Self>,
            },
        ])
    }
}
