//! Real daemons are led from one frr.conf to another by our lines alone, and run exactly that one afterwards.

mod documents;
mod edits;

use self::edits::{
    EDITS, EDITS_OF_CONFEDERATION, EDITS_OF_ISIS, EDITS_OF_KEPT, EDITS_OF_OSPF, EDITS_OF_RA,
    EDITS_OF_SUMMARY, Edit, KEPT, POLICY_EDITS,
};
use super::judges::{RELEASES, folder, judge_by};
use super::trees_for;
use crate::pure::vpp_change::documents::Dice;
use imp::plan::frr::{PAUSE, change, differences, questions};
use imp::types::FrrRelease;
use std::fmt::Write as _;
use std::fs;

/// All daemons that a tree asks for run all the time. After each step FRR says what it runs.
const FRR: &str = r#"
chown -R frr:frr "$DIR"
install -d -o frr -g frr /var/tmp/frr
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
before=$DIR/frr.conf
for step in "$DIR"/*.lines; do
    $sh -f "$step" >"${step%.lines}.said" 2>&1 || true
    if [ -e "${step%.lines}.then" ]; then
        while read -r question; do
            until ! $sh -d bgpd -c "$question" | grep -q '"removed":true'; do sleep 0.02; done
        done <"${step%.lines}.questions"
        $sh -f "${step%.lines}.then" >>"${step%.lines}.said" 2>&1 || true
    fi
    sleep "$SETTLES"
    $sh -c 'show running-config' >"$DIR/running"
    for daemon in $DAEMONS; do
        kill -0 "$(cat "$DIR/$daemon.pid")" || {
            echo "$daemon died of $step"
            cat "$step" "${step%.lines}.said" "$before" /var/tmp/frr/$daemon.*/crashlog
            exit 1
        }
    done
    before=${step%.lines}.running
    mv "$DIR/running" "$before"
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

fn edited(conf: &Conf, edits: &[Edit], release: FrrRelease) -> Vec<Conf> {
    let edit = |(what, from, to): &Edit| {
        let (from, to) = (of_release(release, from), of_release(release, to));
        assert!(conf.1.contains(&from), "{what}: no '{from}'");
        ((*what).to_owned(), conf.1.replacen(&from, &to, 1))
    };
    edits.iter().map(edit).collect()
}

/// FRR 10 says how a cache is reached.
fn of_release(release: FrrRelease, text: &str) -> String {
    match release {
        FrrRelease::V8 => text.to_owned(),
        FrrRelease::V10 => text.replace("rpki cache ", "rpki cache tcp "),
    }
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
    let summary = conf("40-bgp-every-word");
    let kept = ("what is kept".to_owned(), of_release(release, KEPT));
    let policy = confs.iter().find(|(name, _)| name.starts_with("45-")).unwrap();
    let edits = [
        (&confs[0], EDITS),
        (policy, POLICY_EDITS),
        (&ospf, EDITS_OF_OSPF),
        (&isis, EDITS_OF_ISIS),
        (&ra, EDITS_OF_RA),
        (&confederation, EDITS_OF_CONFEDERATION),
        (&summary, EDITS_OF_SUMMARY),
        (&kept, EDITS_OF_KEPT),
    ];
    let edits = edits.map(|(conf, edits)| (conf, edited(conf, edits, release)));
    for (conf, edits) in &edits {
        walk.push(conf);
        walk.extend(edits.iter().flat_map(|edit| [edit, *conf]));
    }
    walk.push(&confs[0]);

    assert_leads(
        "real_daemons_run_what_our_lines_lead_to",
        "change",
        release,
        &walk,
    );
}

/// So many documents on the way from each of the trees, unless the environment says otherwise.
const DOCUMENTS: u64 = 2;

/// `IMP_TEST_DOCUMENTS`: how many a tree, `IMP_TEST_SEED`: other ones.
#[test]
fn real_daemons_are_led_through_random_documents() {
    let number = |name: &str| std::env::var(name).ok().map(|it| it.parse().unwrap());
    let (count, seed) = (number("IMP_TEST_DOCUMENTS"), number("IMP_TEST_SEED"));
    for release in RELEASES {
        let mut dice = Dice(seed.unwrap_or(7));
        let walk = documents::walk(release, count.unwrap_or(DOCUMENTS), &mut dice);
        let walk: Vec<&Conf> = walk.iter().collect();
        let test = "real_daemons_are_led_through_random_documents";
        assert_leads(test, "documents", release, &walk);
    }
}

/// FRR with all daemons is given the first of these, then the lines that lead from each to the next, and runs that.
fn assert_leads(test: &str, host: &str, release: FrrRelease, walk: &[&Conf]) {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("frr.conf"), &walk[0].1).unwrap();
    fs::write(path("vtysh.conf"), "service integrated-vtysh-config\n").unwrap();
    for (step, pair) in walk.windows(2).enumerate() {
        let lines = change(&pair[0].1, &pair[1].1, Some(release)).lines;
        let lines = lines.unwrap_or_else(|| panic!("no way from {} to {}", pair[0].0, pair[1].0));
        for (part, end) in lines.split(|line| line == PAUSE).zip(["lines", "then"]) {
            let text = part.join("\n") + "\n";
            fs::write(path(&format!("{step:03}.{end}")), &text).unwrap();
            if end == "then" {
                let questions = questions(&text).join("\n") + "\n";
                fs::write(path(&format!("{step:03}.questions")), questions).unwrap();
            }
        }
    }
    let others = "zebra bgpd ospfd ospf6d isisd bfdd staticd";
    let own = match release {
        FrrRelease::V8 => format!("DAEMONS='{others}' SETTLES=0 FILE='-f /dev/null'"),
        FrrRelease::V10 => format!(
            "DAEMONS='mgmtd {others}' SETTLES=0.3 FILE=; install -d -o frr -g frr /run/frr /var/lib/frr; ln -s /run /var/run"
        ),
    };
    let script = format!("DIR={}; {own}{FRR}", folder.path().display());
    if judge_by(
        release,
        test,
        &["/usr/lib/frr/zebra"],
        folder.path(),
        host,
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
