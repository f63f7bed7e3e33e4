//! What operators do to routers, as text of a frr.conf and what stands there then.

/// What it is, what was there, and what is there instead.
pub(super) type Edit = (&'static str, &'static str, &'static str);

/// What an operator does to a router.
pub(super) const EDITS: &[Edit] = &[
    (
        "a member in front",
        "ip prefix-list BOGONS seq 5 ",
        "ip prefix-list BOGONS seq 2 permit 0.0.0.0/8 le 32\nip prefix-list BOGONS seq 5 ",
    ),
    (
        "another range",
        "seq 10 permit 100.64.0.0/10 le 32",
        "seq 12 permit 100.64.0.0/10 le 31",
    ),
    (
        "a member that moves",
        "BOGONS seq 10 permit",
        "BOGONS seq 3 permit",
    ),
    (
        "an entry in front",
        "route-map TRANSIT-IN deny 10\n",
        "route-map TRANSIT-IN deny 5\n match tag 7\n!\nroute-map TRANSIT-IN deny 10\n",
    ),
    ("another clause", " set local-preference 100\n", " set metric 5\n"),
    (
        "permit becomes deny",
        "route-map TRANSIT-IN permit 30",
        "route-map TRANSIT-IN deny 30",
    ),
    (
        "another password",
        " neighbor 198.51.100.1 password example-only-not-a-secret",
        " neighbor 198.51.100.1 password 0ther",
    ),
    ("the last user of BFD", " neighbor 198.51.100.1 bfd\n", ""),
    (
        "a neighbour more",
        " neighbor 2001:db8:25::1 remote-as 64496\n",
        " neighbor 198.51.100.9 remote-as 64999\n neighbor 198.51.100.9 ebgp-multihop 2\n neighbor 2001:db8:25::1 remote-as 64496\n",
    ),
    (
        "another AS of a peer",
        " neighbor 198.51.100.1 remote-as 64496",
        " neighbor 198.51.100.1 remote-as 64497",
    ),
    (
        "a network more",
        "  network 203.0.113.0/24\n",
        "  network 203.0.113.0/24\n  network 192.168.0.0/16\n",
    ),
    (
        "another area",
        " ip ospf area 0.0.0.0\n ipv6 ospf6 area 0.0.0.0\nexit",
        " ip ospf area 0.0.0.1\n ip ospf cost 7\n ipv6 ospf6 area 0.0.0.1\nexit",
    ),
];

/// The same to one that speaks OSPF with all its words.
pub(super) const EDITS_OF_OSPF: &[Edit] = &[
    (
        "another key",
        " ip ospf message-digest-key 10 md5 sixteencharacter",
        " ip ospf message-digest-key 10 md5 other",
    ),
    (
        "no key",
        " ip ospf message-digest-key 10 md5 sixteencharacter\n",
        "",
    ),
    (
        "another key of OSPFv3",
        "hmac-sha-256 key a-key-of-more-than-sixteen-characters",
        "hmac-sha-256 key other",
    ),
    ("no profile of BFD", " ip ospf bfd profile FAST\n", ""),
    ("another priority", " ip ospf priority 200\n", ""),
    (
        "a stub becomes an NSSA",
        " area 0.0.0.1 stub\n area 0.0.0.1 default-cost 50\n",
        " area 0.0.0.1 nssa\n",
    ),
    (
        "a stub gets summaries",
        " area 0.0.0.2 stub no-summary\n",
        " area 0.0.0.2 stub\n",
    ),
    (
        "a range without cost",
        " area 0.0.0.1 range 10.1.0.0/16 cost 7\n",
        " area 0.0.0.1 range 10.1.0.0/16\n",
    ),
    (
        "a range that is shown",
        " area 0.0.0.1 range 10.101.0.0/16 not-advertise\n",
        " area 0.0.0.1 range 10.101.0.0/16 cost 3\n",
    ),
    (
        "redistributed without a map",
        " redistribute static metric 20 metric-type 1 route-map TO-OSPF/static4\n",
        " redistribute static\n",
    ),
    (
        "a plain default route",
        " default-information originate always metric 10 metric-type 1 route-map TO-OSPF\n",
        " default-information originate\n",
    ),
    (
        "it carries traffic again",
        " max-metric router-lsa administrative\n",
        "",
    ),
];

/// The same to one that speaks IS-IS.
pub(super) const EDITS_OF_ISIS: &[Edit] = &[
    ("another metric", " isis metric 1000\n", " isis metric 50\n"),
    ("another password", "md5 hello-password\n", "md5 other\n"),
    ("no BFD", " isis bfd\n isis bfd profile FAST\n", ""),
    (
        "an interface leaves",
        " ip router isis core\n isis bfd\n isis circuit-type level-2-only\n isis network point-to-point\n",
        "",
    ),
    (
        "another level",
        " net 49.0001.1920.00ab.2001.00\n\
         \x20set-overload-bit\n\
         \x20default-information originate ipv4 level-2\n\
         \x20default-information originate ipv6 level-2\n\
         \x20redistribute ipv4 kernel level-2\n\
         \x20redistribute ipv4 connected level-2\n\
         \x20redistribute ipv4 static level-2 metric 20 route-map TO-ISIS\n\
         \x20redistribute ipv4 ospf level-2 metric 30\n\
         \x20redistribute ipv6 kernel level-2\n\
         \x20redistribute ipv6 connected level-2\n\
         \x20redistribute ipv6 static level-2 metric 20 route-map TO-ISIS\n\
         \x20redistribute ipv6 ospf6 level-2 metric 30\n",
        " is-type level-1\n\
         \x20net 49.0001.1920.00ab.2001.00\n\
         \x20set-overload-bit\n\
         \x20default-information originate ipv4 level-1\n\
         \x20default-information originate ipv6 level-1\n\
         \x20redistribute ipv4 kernel level-1\n\
         \x20redistribute ipv4 connected level-1\n\
         \x20redistribute ipv4 static level-1 metric 20 route-map TO-ISIS\n\
         \x20redistribute ipv4 ospf level-1 metric 30\n\
         \x20redistribute ipv6 kernel level-1\n\
         \x20redistribute ipv6 connected level-1\n\
         \x20redistribute ipv6 static level-1 metric 20 route-map TO-ISIS\n\
         \x20redistribute ipv6 ospf6 level-1 metric 30\n",
    ),
    (
        "another family",
        " ipv6 router isis core\n isis circuit-type level-1\n",
        " ip router isis core\n isis circuit-type level-1\n",
    ),
    ("another net", "2001.00\n", "2002.00\n"),
    ("it carries traffic again", " set-overload-bit\n", ""),
    (
        "redistributed without a map",
        " redistribute ipv4 static level-2 metric 20 route-map TO-ISIS\n",
        " redistribute ipv4 static level-2\n",
    ),
];

/// The same to one whose router advertisements FRR sends.
pub(super) const EDITS_OF_RA: &[Edit] = &[
    (
        "an interval above the lifetime",
        " ipv6 nd ra-interval 30\n ipv6 nd ra-lifetime 900\n",
        " ipv6 nd ra-interval 1200\n ipv6 nd ra-lifetime 1300\n",
    ),
    (
        "hosts form addresses again",
        " ipv6 nd prefix 2001:db8:10::/64 infinite infinite off-link no-autoconfig\n",
        " ipv6 nd prefix 2001:db8:10::/64 infinite infinite\n",
    ),
    (
        "another name server",
        " ipv6 nd rdnss 2001:db8::53\n ipv6 nd rdnss 2001:db8::54\n",
        " ipv6 nd rdnss 2001:db8::55\n",
    ),
    (
        "another preference",
        " ipv6 nd router-preference high\n",
        " ipv6 nd router-preference low\n",
    ),
    (
        "VPP sends them",
        " ipv6 nd prefix 2001:db8:2::/64 infinite infinite\n ipv6 nd router-preference low\n no ipv6 nd suppress-ra\n",
        "",
    ),
    ("less in the log", "log syslog\n", "log syslog errors\n"),
];

/// The same to one in a confederation.
pub(super) const EDITS_OF_CONFEDERATION: &[Edit] = &[
    (
        "MEDs within it",
        " bgp bestpath as-path multipath-relax\n",
        " bgp bestpath as-path multipath-relax\n bgp bestpath med confed\n",
    ),
    ("all routes are used", "  table-map DEFAULT-ZEBRA-IN\n", ""),
    (
        "another choice of routes",
        "  table-map DEFAULT-ZEBRA-IN\n",
        "  table-map BGP-IN\n",
    ),
];

/// The same to the tree that has every word of routing policy.
pub(super) const POLICY_EDITS: &[Edit] = &[
    (
        "the one entry of a list of AS paths",
        "access-list OWN seq 5 permit ^$",
        "access-list OWN seq 7 permit ^64500$",
    ),
    (
        "a list of communities becomes one of expressions",
        "bgp community-list standard ANY seq 5 permit 64500:1 64500:2\nbgp community-list standard ANY seq 10 deny 64500:9\n\
         bgp community-list standard ANY seq 15 permit no-peer\nbgp community-list standard ANY seq 20 permit accept-own\n",
        "bgp community-list expanded ANY seq 5 permit 64500:[12]\n",
    ),
    (
        "the one list of large communities becomes another",
        "bgp large-community-list standard CUSTOMERS seq 5 permit 64500:1:2\n\
         bgp large-community-list standard CUSTOMERS seq 10 deny 64500:1:1 64500:1:3\n",
        "bgp large-community-list expanded CUSTOMERS seq 5 permit 64500:1:.*\n",
    ),
    (
        "the same number, another member",
        "access-list BOGON-ASN seq 10 deny ^$",
        "access-list BOGON-ASN seq 10 permit _0_",
    ),
    (
        "goto becomes next",
        " on-match goto 100\n set as-path prepend 64500\n set community none\n set large-community none\n",
        " on-match next\n set as-path prepend last-as 2\n set community 64500:1\n set large-community 64500:1:1 additive\n",
    ),
    ("a call goes", " call COMMON\n", ""),
    (
        "another cache of the same preference",
        "rpki cache 192.0.2.10 3323 preference 1\n",
        "rpki cache 192.0.2.12 3323 preference 1\n",
    ),
    (
        "FRR's own times, and one cache less",
        " rpki polling_period 300\n rpki retry_interval 60\n rpki cache 192.0.2.10 3323 preference 1\n",
        "",
    ),
];

/// What takes others along where it is taken back, or leaves a gap until it is there again.
pub(super) const KEPT: &str = "\
no ip forwarding
no ipv6 forwarding
ip route 10.9.0.0/16 198.51.100.7 ext 20
!
router bgp 65001
 bgp router-id 192.0.2.1
 no bgp default ipv4-unicast
 bgp confederation identifier 64500
 bgp confederation peers 65002 65004
 neighbor CUST peer-group
 neighbor CUST remote-as 64777
 neighbor CUST update-source lo
 neighbor KIND peer-group
 neighbor 198.51.100.4 remote-as 65001
 neighbor 198.51.100.4 peer-group KIND
 neighbor OTHERS peer-group
 neighbor OTHERS ebgp-multihop 3
 neighbor 198.51.100.2 remote-as 64888
 neighbor 198.51.100.2 peer-group OTHERS
 neighbor 198.51.100.1 remote-as 65002
 bgp listen range 10.1.0.0/24 peer-group CUST
 bgp listen range 10.2.0.0/24 peer-group CUST
 !
 address-family ipv4 unicast
  neighbor CUST activate
  neighbor OTHERS addpath-tx-all-paths
  neighbor OTHERS route-map M in
  neighbor OTHERS route-map M out
  neighbor 198.51.100.2 activate
  neighbor 198.51.100.1 activate
  neighbor 198.51.100.1 prefix-list P in
  neighbor 198.51.100.1 prefix-list P out
 exit-address-family
exit
!
ip prefix-list P seq 5 permit 10.0.0.0/8
!
route-map M permit 10
exit
!
route-map N permit 10
exit
!
rpki
 rpki cache 192.0.2.50 3323 preference 1
exit
";

pub(super) const EDITS_OF_KEPT: &[Edit] = &[
    ("a gateway on the link", " ext 20\n", " ext 20 onlink\n"),
    (
        "a group has a role",
        " neighbor OTHERS ebgp-multihop 3\n",
        " neighbor OTHERS ebgp-multihop 3\n neighbor OTHERS local-role peer\n",
    ),
    (
        "a group of neighbours that are no longer of our AS",
        "198.51.100.4 remote-as 65001",
        "198.51.100.4 remote-as 64889",
    ),
    ("another distance", " ext 20\n", " ext 30\n"),
    ("another AS of a group", "64777", "64778"),
    (
        "a group less",
        " neighbor CUST peer-group\n neighbor CUST remote-as 64777\n neighbor CUST update-source lo\n \
         neighbor KIND peer-group\n neighbor 198.51.100.4 remote-as 65001\n neighbor 198.51.100.4 peer-group KIND\n \
         neighbor OTHERS peer-group\n neighbor OTHERS ebgp-multihop 3\n \
         neighbor 198.51.100.2 remote-as 64888\n neighbor 198.51.100.2 peer-group OTHERS\n \
         neighbor 198.51.100.1 remote-as 65002\n bgp listen range 10.1.0.0/24 peer-group CUST\n \
         bgp listen range 10.2.0.0/24 peer-group CUST\n !\n address-family ipv4 unicast\n  neighbor CUST activate\n",
        " neighbor KIND peer-group\n neighbor 198.51.100.4 remote-as 65001\n neighbor 198.51.100.4 peer-group KIND\n \
         neighbor OTHERS peer-group\n neighbor OTHERS ebgp-multihop 3\n \
         neighbor 198.51.100.2 remote-as 64888\n neighbor 198.51.100.2 peer-group OTHERS\n \
         neighbor 198.51.100.1 remote-as 65002\n !\n address-family ipv4 unicast\n",
    ),
    (
        "the first member of a group that is listened for",
        " neighbor OTHERS peer-group\n",
        " neighbor 198.51.100.8 peer-group CUST\n neighbor 198.51.100.8 password x\n neighbor OTHERS peer-group\n",
    ),
    (
        "the last member of a group without an AS",
        " neighbor 198.51.100.4 remote-as 65001\n neighbor 198.51.100.4 peer-group KIND\n",
        "",
    ),
    (
        "a listen range less",
        " bgp listen range 10.2.0.0/24 peer-group CUST\n",
        "",
    ),
    (
        "another kind of policy",
        "  neighbor 198.51.100.1 prefix-list P in\n  neighbor 198.51.100.1 prefix-list P out\n",
        "  neighbor 198.51.100.1 route-map M in\n  neighbor 198.51.100.1 route-map M out\n",
    ),
    (
        "a member keeps what its group loses",
        "  neighbor OTHERS addpath-tx-all-paths\n  neighbor OTHERS route-map M in\n  neighbor OTHERS route-map M out\n  \
         neighbor 198.51.100.2 activate\n",
        "  neighbor 198.51.100.2 activate\n  neighbor 198.51.100.2 addpath-tx-all-paths\n  \
         neighbor 198.51.100.2 route-map M in\n  neighbor 198.51.100.2 route-map M out\n",
    ),
    (
        "a member keeps what its group changes",
        "  neighbor OTHERS addpath-tx-all-paths\n  neighbor OTHERS route-map M in\n  neighbor OTHERS route-map M out\n  \
         neighbor 198.51.100.2 activate\n",
        "  neighbor OTHERS route-map N in\n  neighbor OTHERS route-map N out\n  \
         neighbor 198.51.100.2 activate\n  neighbor 198.51.100.2 addpath-tx-all-paths\n  \
         neighbor 198.51.100.2 route-map M in\n  neighbor 198.51.100.2 route-map M out\n",
    ),
    (
        "a member keeps its hops",
        " neighbor OTHERS ebgp-multihop 3\n neighbor 198.51.100.2 remote-as 64888\n neighbor 198.51.100.2 peer-group OTHERS\n",
        " neighbor 198.51.100.2 remote-as 64888\n neighbor 198.51.100.2 peer-group OTHERS\n \
         neighbor 198.51.100.2 ebgp-multihop 3\n",
    ),
    ("another member", "peers 65002 65004", "peers 65002 65003"),
    ("no members", " bgp confederation peers 65002 65004\n", ""),
    (
        "another cache",
        "192.0.2.50 3323 preference 1",
        "192.0.2.51 3323 preference 2",
    ),
];

/// The same to one whose aggregates keep its networks to itself.
pub(super) const EDITS_OF_SUMMARY: &[Edit] = &[
    (
        "the map of a network says something else",
        " set community 64500:100\n",
        " set community 64500:101\n",
    ),
    (
        "a network without its map",
        "  network 203.0.113.0/24 route-map TAG\n",
        "  network 203.0.113.0/24\n",
    ),
    (
        "an aggregate that shows its networks",
        "  aggregate-address 203.0.112.0/23 as-set summary-only route-map TAG\n",
        "  aggregate-address 203.0.112.0/23\n",
    ),
    (
        "networks without a route of their own",
        " no bgp default ipv4-unicast\n",
        " no bgp default ipv4-unicast\n no bgp network import-check\n",
    ),
    (
        "the last member of a group that is listened for",
        " neighbor 10.0.0.7 peer-group CLIENTS\n neighbor 10.0.0.7 description the second router\n",
        "",
    ),
    (
        "no aggregate, and a network without its map",
        "  network 203.0.113.0/24 route-map TAG\n  aggregate-address 203.0.112.0/23 as-set summary-only route-map TAG\n",
        "  network 203.0.113.0/24\n",
    ),
];
