//! Real daemons are led from one frr.conf to another by our lines alone, and run exactly that one afterwards.

use super::judges::{RELEASES, folder, judge_by};
use super::trees_for;
use imp::plan::frr::{change, differences};
use imp::types::FrrRelease;
use std::fmt::Write as _;
use std::fs;

/// All daemons that a tree asks for run all the time. After each step FRR says what it runs.
const FRR: &str = r#"
chown -R frr:frr "$DIR"
ip link set lo up
for daemon in $DAEMONS; do
    modules=
    [ $daemon != bgpd ] || modules='-M rpki'
    /usr/lib/frr/$daemon $modules -d $FILE -i "$DIR/$daemon.pid" -z "$DIR/zserv.api" --vty_socket "$DIR" -P 0 \
        -u frr -g frr >>"$DIR/log" 2>&1
done
tries=0
for daemon in $DAEMONS; do
    until [ -S "$DIR/$daemon.vty" ] || [ $tries -gt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
done
sh="vtysh --vty_socket $DIR --config_dir $DIR"
$sh -b >>"$DIR/log" 2>&1
for step in "$DIR"/*.lines; do
    $sh -f "$step" >"${step%.lines}.said" 2>&1 || true
    sleep "$SETTLES"
    $sh -c 'show running-config' >"${step%.lines}.running"
done
for daemon in $DAEMONS; do kill "$(cat "$DIR/$daemon.pid")"; done
"#;

/// Trees that differ most from each other; a template of the operator's own is none of them.
const TREES: [&str; 9] = [
    "01-example",
    "03-management-only",
    "05-route-reflector",
    "09-unicode",
    "11-bridges",
    "12-every-word-of-routing",
    "14-long-lists",
    "45-policy-in-every-word",
    "46-policy-of-a-member",
];

/// A frr.conf with a name.
type Conf = (String, String);

/// Every ordered pair of these stands somewhere next to each other.
fn every_pair(confs: &[Conf]) -> Vec<&Conf> {
    let mut walk = Vec::new();
    for (index, one) in confs.iter().enumerate() {
        walk.push(one);
        for other in &confs[index + 1..] {
            walk.extend([other, one]);
        }
    }
    walk
}

/// What an operator does to a router: text of a frr.conf, and what stands there then.
const EDITS: [(&str, &str, &str); 12] = [
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
const EDITS_OF_OSPF: [(&str, &str, &str); 12] = [
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
const EDITS_OF_ISIS: [(&str, &str, &str); 8] = [
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
    ("another net", "2001.00\n", "2002.00\n"),
    ("it carries traffic again", " set-overload-bit\n", ""),
    (
        "redistributed without a map",
        " redistribute ipv4 static level-2 metric 20 route-map TO-ISIS\n",
        " redistribute ipv4 static level-2\n",
    ),
];

/// The same to one whose router advertisements FRR sends.
const EDITS_OF_RA: [(&str, &str, &str); 6] = [
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
const EDITS_OF_CONFEDERATION: [(&str, &str, &str); 3] = [
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
const POLICY_EDITS: [(&str, &str, &str); 8] = [
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

fn edited(conf: &Conf, edits: &[(&str, &str, &str)]) -> Vec<Conf> {
    let edit = |(what, from, to): &(&str, &str, &str)| {
        assert!(conf.1.contains(from), "{what}: no '{from}'");
        ((*what).to_owned(), conf.1.replacen(from, to, 1))
    };
    edits.iter().map(edit).collect()
}

#[test]
fn real_daemons_run_what_our_lines_lead_to() {
    for release in RELEASES {
        lead(release);
    }
}

fn lead(release: FrrRelease) {
    let trees = trees_for(release);
    let conf = |name: &str| {
        let tree = trees.iter().find(|tree| tree.name() == name).unwrap();
        (name.to_owned(), tree.text("run/imp/frr/frr.conf").to_owned())
    };
    let confs = TREES.map(conf);
    let mut walk = every_pair(&confs);
    walk.push(&confs[0]);
    let (ospf, isis) = (conf("50-ospf"), conf("51-isis"));
    let (ra, confederation) = (conf("57-advertised-by-frr"), conf("router-07-confederation"));
    // FRR 10 says how a cache is reached.
    let policy = confs.iter().find(|(name, _)| name.starts_with("45-")).unwrap();
    let of_policy = POLICY_EDITS.map(|(what, from, to)| match release {
        FrrRelease::V8 => (what, from.to_owned(), to.to_owned()),
        FrrRelease::V10 => {
            let over_tcp = |text: &str| text.replace("rpki cache ", "rpki cache tcp ");
            (what, over_tcp(from), over_tcp(to))
        }
    });
    let of_policy = of_policy
        .each_ref()
        .map(|(what, from, to)| (*what, from.as_str(), to.as_str()));
    let edits = [
        (&confs[0], edited(&confs[0], &EDITS)),
        (policy, edited(policy, &of_policy)),
        (&ospf, edited(&ospf, &EDITS_OF_OSPF)),
        (&isis, edited(&isis, &EDITS_OF_ISIS)),
        (&ra, edited(&ra, &EDITS_OF_RA)),
        (&confederation, edited(&confederation, &EDITS_OF_CONFEDERATION)),
    ];
    for (conf, edits) in &edits {
        walk.push(conf);
        walk.extend(edits.iter().flat_map(|edit| [edit, *conf]));
    }
    walk.push(&confs[0]);

    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("frr.conf"), &walk[0].1).unwrap();
    fs::write(path("vtysh.conf"), "service integrated-vtysh-config\n").unwrap();
    for (step, pair) in walk.windows(2).enumerate() {
        let lines = change(&pair[0].1, &pair[1].1).lines;
        let lines = lines.unwrap_or_else(|| panic!("no way from {} to {}", pair[0].0, pair[1].0));
        fs::write(path(&format!("{step:03}.lines")), lines.join("\n") + "\n").unwrap();
    }
    let others = "zebra bgpd ospfd ospf6d isisd bfdd staticd";
    let own = match release {
        FrrRelease::V8 => format!("DAEMONS='{others}' SETTLES=0 FILE='-f /dev/null'"),
        FrrRelease::V10 => format!(
            "DAEMONS='mgmtd {others}' SETTLES=0.3 FILE=; install -d -o frr -g frr /run/frr /var/lib/frr; ln -s /run /var/run"
        ),
    };
    let script = format!("DIR={}; {own}{FRR}", folder.path().display());
    let test = "real_daemons_run_what_our_lines_lead_to";
    if judge_by(
        release,
        test,
        &["/usr/lib/frr/zebra"],
        folder.path(),
        "change",
        &script,
    )
    .is_none()
    {
        return;
    }
    let mut wrong = String::new();
    for (step, pair) in walk.windows(2).enumerate() {
        let read = |end: &str| fs::read_to_string(path(&format!("{step:03}.{end}"))).unwrap();
        let found = differences(&pair[1].1, &read("running"));
        if !found.is_empty() {
            let (from, to) = (&pair[0].0, &pair[1].0);
            let _ = writeln!(
                wrong,
                "{release}: from {from} to {to}: {found:#?}\n{}\n{}",
                read("lines"),
                read("said")
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
