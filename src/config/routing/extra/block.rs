//! Which block of frr.conf a line stands in, as vtysh reads it: a line that its block does not know is tried further out.

/// What encloses a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// Nothing.
    Top,
    /// `router bgp`, outside its address families.
    Bgp,
    /// `address-family` of `router bgp`.
    BgpFamily,
    Ospf6,
    Isis,
    /// Another routing protocol.
    Router,
    Interface,
    RouteMap,
    Bfd,
    /// `profile` or `peer` of `bfd`.
    BfdTimers,
    KeyChain,
    Vrf,
    Ldp,
    /// `interface` of an address family of `mpls ldp`: FRR takes the family's `exit-address-family` for its end, too.
    LdpInterface,
    /// One whose lines have no meaning here.
    Other,
    /// One whose lines have no meaning here, and that has blocks inside, which are not told apart.
    Nested,
}

impl Block {
    /// The block a line opens directly at the top, wherever it stands.
    fn at_top(words: &[&str]) -> Option<Self> {
        Some(match words {
            ["router", "bgp", ..] => Self::Bgp,
            ["router", "ospf6", ..] => Self::Ospf6,
            ["router", "isis", ..] => Self::Isis,
            ["router", _, ..] => Self::Router,
            ["interface", _, ..] => Self::Interface,
            ["route-map", _, "permit" | "deny", ..] => Self::RouteMap,
            ["bfd"] => Self::Bfd,
            ["vrf", _] => Self::Vrf,
            ["key", "chain", _] => Self::KeyChain,
            ["mpls", "ldp"] => Self::Ldp,
            ["rpki", ..] | ["line", "vty"] | ["nexthop-group" | "pbr-map" | "pseudowire", ..] => Self::Other,
            ["segment-routing"] | ["l2vpn", ..] => Self::Nested,
            _ => return None,
        })
    }

    /// The block a line opens inside this one.
    fn inside(self, words: &[&str]) -> Option<Self> {
        Some(match (self, words) {
            (Self::Bgp, ["address-family", ..]) => Self::BgpFamily,
            (Self::Bgp, ["bmp", "targets", ..]) => Self::Other,
            (Self::Bgp, ["vnc", ..] | ["segment-routing", ..]) => Self::Nested,
            (Self::Isis, ["flex-algo", _]) => Self::Other,
            (Self::Isis, ["segment-routing", "srv6"]) => Self::Nested,
            (Self::Interface, ["link-params"]) => Self::Other,
            (Self::BgpFamily, ["vni", _]) => Self::Other,
            (Self::Bfd, ["peer" | "profile", _, ..]) => Self::BfdTimers,
            (Self::KeyChain, ["key", _]) => Self::Other,
            (Self::Ldp, ["address-family", ..]) => Self::Ldp,
            (Self::Ldp, ["interface", ..]) => Self::LdpInterface,
            (Self::Vrf, ["rpki"]) => Self::Other,
            _ => return None,
        })
    }

    /// Whether the block has a line of its own that begins like one outside of blocks.
    fn has_too(self, words: &[&str]) -> bool {
        match self {
            Self::Ldp | Self::Router => matches!(words, ["router-id", ..]),
            Self::Isis => matches!(words, ["hostname", ..]),
            Self::Vrf => matches!(words, ["router-id", ..] | ["ip" | "ipv6", "protocol", ..]),
            // Of `link-params`; outside of blocks it is `enable password`.
            Self::Other => matches!(words, ["enable"]),
            _ => false,
        }
    }

    /// Whether FRR has such a line only outside of blocks.
    fn is_only_at_top(words: &[&str]) -> bool {
        let lists = ["prefix-list", "access-list", "protocol", "forwarding"];
        let bgp_lists = [
            "as-path",
            "community-list",
            "large-community-list",
            "extcommunity-list",
        ];
        let others = [
            "hostname",
            "domainname",
            "frr",
            "log",
            "service",
            "debug",
            "banner",
            "access-list",
            "router-id",
            "enable",
            "agentx",
            "end",
        ];
        match words {
            ["ip" | "ipv6", list, ..] => lists.contains(list),
            ["bgp", list, ..] => bgp_lists.contains(list),
            [word, ..] => others.contains(word),
            [] => false,
        }
    }

    /// Whether a line outside of blocks is known to open none.
    fn is_one_line(words: &[&str]) -> bool {
        let known = matches!(
            words,
            ["ip" | "ipv6" | "no" | "password" | "vrrp" | "bgp" | "zebra", ..]
        );
        known || Self::is_only_at_top(words)
    }
}

/// Follows the blocks of a text.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    open: Vec<Block>,
    /// Whether a block may be open that is not known here.
    unsure: bool,
}

impl Nesting {
    /// The block the line stands in (for a line that opens one: the block around it).
    pub(super) fn enter(&mut self, words: &[&str]) -> Block {
        let around = self.open.last().copied().unwrap_or(Block::Top);
        if closes(words) {
            self.close(words);
            return around;
        }
        if around == Block::LdpInterface && matches!(words, ["interface", _]) {
            return around;
        }
        // Inside `router ospf6` this is no block.
        let area = around == Block::Ospf6 && matches!(words, ["interface", _, "area", ..]);
        if let Some(block) = around.inside(words) {
            self.open.push(block);
            return around;
        }
        match Block::at_top(words).filter(|_| !area) {
            Some(block) => {
                self.open = vec![block];
                self.unsure = false;
                Block::Top
            }
            None if Block::is_only_at_top(words) && !around.has_too(words) => {
                self.open.clear();
                Block::Top
            }
            None => {
                self.unsure |= around == Block::Top && !Block::is_one_line(words);
                around
            }
        }
    }

    fn close(&mut self, words: &[&str]) {
        match self.open.pop() {
            Some(Block::Nested) => self.unsure = true,
            Some(Block::LdpInterface) if words == ["exit-address-family"] => _ = self.open.pop(),
            _ => {}
        }
    }

    /// Whether an `exit` here would end not a block but the configuration.
    pub(super) fn nothing_to_exit(&self) -> bool {
        self.open.is_empty() && !self.unsure
    }
}

/// Whether the line ends a block.
pub(super) fn closes(words: &[&str]) -> bool {
    matches!(words, ["exit" | "quit"]) || matches!(words, [word] if word.starts_with("exit-"))
}
