//! Which daemons start, stop and restart between two daemons files, and between what runs and a file.

use imp::facts::frr::daemons::Processes;
use imp::plan::Impact;
use imp::plan::frr::daemons::{self, Change, beside, of_files, wanted, watched};
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "# Written by imp-config\nbgpd=yes\nospfd=no\nospf6d=no\nbfdd=no\nvtysh_enable=yes\n\
    zebra_options=\"  -A 127.0.0.1 -s 90000000\"\nstaticd_options=\"-A 127.0.0.1\"\n\
    bgpd_options=\"   -A 127.0.0.1\"\nospfd_options=\"  -A 127.0.0.1\"\nbfdd_options=\"   -A 127.0.0.1\"\n\
    watchfrr_options=\"--netns=dataplane --min-restart-interval 3 --restart-timeout 120\"\n";
const CONF: &str = "frr version 10.3\nrouter bgp 64500\n neighbor 192.0.2.1 remote-as 64501\n neighbor 192.0.2.2 remote-as 64502\n \
    neighbor 192.0.2.2 shutdown\n neighbor 192.0.2.3 remote-as 64503\nexit\n";

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The daemons file with this in the place of that.
fn with(from: &str, to: &str) -> String {
    assert_eq!(FILE.matches(from).count(), 1, "'{from}' is not once in the file");
    FILE.replacen(from, to, 1)
}

/// What runs: these daemons of watchfrr's, and what each was started with.
fn running(of: &[&str], commands: &[&str]) -> Processes {
    let words = |line: &&str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let name = |line: &&str| line.split(' ').next().map(|it| it.replace("/usr/lib/frr/", ""));
    Processes {
        watched: Some(of.iter().map(|name| (*name).to_owned()).collect()),
        words: commands
            .iter()
            .filter_map(|line| Some((name(line)?, words(line))))
            .collect(),
    }
}

#[test]
fn a_daemon_more_or_less_starts_or_stops_it_alone() {
    let with_ospf = with("ospfd=no", "ospfd=yes");
    let come = Change {
        come: set(&["ospfd"]),
        ..Change::default()
    };
    assert_eq!(of_files(FILE, &with_ospf), Some(come));
    let gone = Change {
        gone: set(&["ospfd"]),
        ..Change::default()
    };
    assert_eq!(gone.last().as_deref(), Some("stops ospfd"));
    assert_eq!(of_files(&with_ospf, FILE), Some(gone));
    assert_eq!(of_files(FILE, FILE), Some(Change::default()));
    let isis = format!("{FILE}isisd=yes\nisisd_options=\"-A 127.0.0.1\"\n");
    let change = of_files(&with("bgpd=yes", "bgpd=no"), &isis).unwrap_or_default();
    assert_eq!(change.first(), ["starts bgpd, isisd"]);
    assert_eq!(change.last(), None);
    assert_eq!(change.impacts(CONF), []);
}

#[test]
fn other_options_restart_one_daemon_and_cost_what_it_holds() {
    let with_rpki = with(
        "bgpd_options=\"   -A 127.0.0.1\"",
        "bgpd_options=\"-A 127.0.0.1 -M rpki\"",
    );
    let cost = |from: &str, to: &str| of_files(from, to).map(|change| (change.first(), change.impacts(CONF)));
    let resets = |why: &str| {
        vec![Impact::ResetsSessions {
            peers: vec!["192.0.2.1".to_owned(), "192.0.2.3".to_owned()],
            why: format!("bgpd restarts: {why}"),
        }]
    };
    let restarts = vec!["restarts bgpd".to_owned()];
    assert_eq!(
        cost(FILE, &with_rpki),
        Some((restarts.clone(), resets("it is given '-M rpki' as well")))
    );
    let with_bmp = with_rpki.replace("-M rpki", "-M bmp");
    assert_eq!(
        cost(&with_rpki, &with_bmp),
        Some((
            restarts.clone(),
            resets("it is given '-M bmp' instead of '-M rpki'")
        ))
    );
    assert_eq!(
        cost(&with_rpki, FILE),
        Some((restarts, resets("it is no longer given '-M rpki'")))
    );
    // Blanks are no difference, nor are options of a daemon that does not run.
    let blanks = with("bgpd_options=\"   -A", "bgpd_options=\"-A");
    assert_eq!(of_files(FILE, &blanks), Some(Change::default()));
    let idle = with("ospfd_options=\"  -A 127.0.0.1\"", "ospfd_options=\"-A ::1\"");
    assert_eq!(of_files(FILE, &idle), Some(Change::default()));
}

#[test]
fn what_no_daemon_can_be_told_alone_restarts_frr() {
    for (from, to) in [
        ("-s 90000000", "-s 80000000"),
        ("--netns=dataplane", "--netns=other"),
        ("vtysh_enable=yes", "vtysh_enable=no"),
        ("staticd_options=\"-A 127.0.0.1\"", "staticd_options=\"\""),
        (
            "bgpd_options=\"   -A 127.0.0.1\"",
            "bgpd_options=\"$(cat /etc/options)\"",
        ),
        (
            "vtysh_enable=yes",
            "vtysh_enable=yes\nfrr_global_options=\"--log stdout\"",
        ),
    ] {
        assert_eq!(of_files(FILE, &with(from, to)), None, "{to}");
    }
    let bfd = with("bfdd=no", "bfdd=yes");
    let other = bfd.replace(
        "bfdd_options=\"   -A 127.0.0.1\"",
        "bfdd_options=\"--dplaneaddr x\"",
    );
    assert_eq!(
        of_files(&bfd, &other),
        None,
        "BFD sessions are in the protocols that use them"
    );
}

#[test]
fn what_runs_is_compared_with_the_file() {
    let bgpd = "/usr/lib/frr/bgpd -d -F traditional -A 127.0.0.1";
    let eight = running(&["zebra", "bgpd", "staticd"], &[bgpd]);
    let ten = running(&["zebra", "mgmtd", "bgpd", "staticd"], &[bgpd]);
    for found in [&eight, &ten] {
        assert!(daemons::change(&watched(found), &wanted(FILE)).is_empty());
        let with_ospf = wanted(&with("ospfd=no", "ospfd=yes"));
        assert_eq!(daemons::change(&watched(found), &with_ospf).come, set(&["ospfd"]));
    }
    let rpki = running(&["zebra", "bgpd"], &[&format!("{bgpd} -M rpki")]);
    let anew = BTreeMap::from([("bgpd".to_owned(), "it is no longer given '-M rpki'".to_owned())]);
    assert_eq!(daemons::change(&watched(&rpki), &wanted(FILE)).anew, anew);
    // One that is down is watchfrr's business, and what a shell computes is nobody's guess.
    let down = running(&["zebra", "bgpd"], &[]);
    assert!(daemons::change(&watched(&down), &wanted(FILE)).is_empty());
    let computed = wanted(&with(
        "bgpd_options=\"   -A 127.0.0.1\"",
        "bgpd_options=\"$OPTIONS\"",
    ));
    assert!(daemons::change(&watched(&rpki), &computed).is_empty());
}

#[test]
fn what_nobody_wants_is_found_by_its_process() {
    let found = running(
        &["zebra", "bgpd"],
        &[
            "/usr/lib/frr/zebra -d",
            "/usr/lib/frr/bgpd -d",
            "/usr/lib/frr/ospfd -d",
        ],
    );
    assert_eq!(beside(&found, &wanted(FILE)), ["ospfd"]);
}
