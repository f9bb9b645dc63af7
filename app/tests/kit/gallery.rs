//! One page with every part in every state.

use app::{
    layout::{BareLayout, Layout, Place},
    ui::{part::Said, *},
};
use leptos::prelude::*;
use model::{
    Millis, Phase,
    account::{Me, Role},
    connection::{Health, ProviderKind},
    definition::Standing,
    recovery::PointState,
    run::{LogLine, Progress},
    strip::{Day, DayMark},
    view::Frame,
};

const NOW: Millis = Millis(1_793_259_699_000);

fn frame() -> Frame {
    Frame {
        me: Me { name: "platform-admin".into(), role: Role::Administrator, zone: "Europe/Zurich".into() },
        now: NOW,
        needs: 6,
        running: 2,
        connections: 8,
        silent: 1,
        observed: Some(NOW.plus(-21_000)),
    }
}

pub fn gallery() -> impl IntoView {
    let crumbs = vec![("Definitions".into(), "/definitions".into())];
    view! {
        <Layout frame=frame() title="Components" place=Place::Definitions crumbs topics="definitions">
            <Head
                title="Components"
                sign=Sign::from(Phase::Partial)
                lead=view! { "Every part in every state, in the words the console uses. "<a href="#fields">"Fields"</a> }.into_any()
            >
                <Button icon=Glyph::Rerun off="One is running already, 63 %.">"Run again"</Button>
                <LinkButton href="#" icon=Glyph::Restore>"Restore…"</LinkButton>
                <LinkButton href="#" weight=Weight::Primary icon=Glyph::Plus>"New definition"</LinkButton>
                <Menu id="page-menu" label="More actions" why="Pause is off: Argo CD would undo it.">
                    <button type="button"><Icon name=Glyph::Play/>"Run now"</button>
                    <a href="#"><Icon name=Glyph::Edit/>"Edit…"</a>
                    <hr/>
                    <button type="button"><Icon name=Glyph::Trash/>"Delete…"</button>
                </Menu>
            </Head>
            {states()}
            {buttons()}
            {fields()}
            {lists()}
            {pictures()}
            {messages()}
            {texts()}
        </Layout>
    }
}

fn states() -> impl IntoView {
    let phases = [
        Phase::Queued,
        Phase::Running,
        Phase::Succeeded,
        Phase::Partial,
        Phase::Failed,
        Phase::Cancelled,
        Phase::Unknown("Deleting".into()),
    ];
    let tags = phases.clone().map(|of| view! { <State of tag=true/> });
    let phases = phases.map(|of| view! { <State of/> });
    let silent = Health::Silent { reason: "x".into(), remedy: "y".into(), since: NOW, tries: 1, next_try: None };
    let others = [
        Sign::protected(),
        Sign::at_risk(),
        Sign::unprotected(),
        Sign::unjudged(),
        Sign::from(&Standing::Applied),
        Sign::overdue(),
        Sign::paused(),
        Sign::off_upstream(),
        Sign::from(&Standing::Drifted { fields: vec![] }),
        Sign::managed_elsewhere(),
        Sign::from(&Standing::Applying),
        Sign::from(&Standing::Failing { reason: "x".into(), attempts: 2, next_try: None }),
        Sign::from(&Standing::Invalid { reasons: vec![], drift: vec![] }),
        Sign::from(&Standing::Missing),
        Sign::from(&silent),
        Sign::from(&Health::Slowed { reason: "429".into() }),
        Sign::from(&Health::Answers),
        Sign::from(&PointState::Whole),
    ]
    .map(|of| view! { <State of/> });
    view! {
        <Section id="states" title="States" note="what is well is outlined, what needs you is solid">
            <div class="panel p-4 flex flex-wrap gap-x-8 gap-y-3">{phases.into_iter().collect_view()}</div>
            <div class="flex flex-wrap gap-2 mt-3">{tags.into_iter().collect_view()}</div>
            <div class="panel p-4 flex flex-wrap gap-x-8 gap-y-3 mt-3">{others.into_iter().collect_view()}</div>
            <p class="mt-3"><System kind=ProviderKind::Velero/></p>
        </Section>
    }
}

fn buttons() -> impl IntoView {
    view! {
        <Section id="buttons" title="Buttons, menu, tip, dialog">
            <Acts>
                <Button weight=Weight::Primary submit=true>"Create definition"</Button>
                <Button icon=Glyph::Play act="run" of="7" said="shop-nightly runs.">"Run now"</Button>
                <Button weight=Weight::Quiet>"Discard"</Button>
                <Button weight=Weight::Danger icon=Glyph::Trash opens="delete-it">"Delete…"</Button>
                <Button weight=Weight::Destroy>"Delete 3 runs"</Button>
                <Button size=Size::Small>"Small"</Button>
                <Button icon=Glyph::More label="More"/>
                <Button busy=true>"Testing…"</Button>
                <Button off="Velero cannot cancel a backup.">"Cancel run"</Button>
                <LinkButton href="#" off="Nothing to restore yet.">"Restore…"</LinkButton>
                <Menu id="acts-menu" label="Actions" show_word=true><a href="#">"Show YAML"</a></Menu>
                <Tip id="rpo-tip" question="What is an RPO?">"How old the newest good recovery point may be."</Tip>
            </Acts>
            <Dialog
                id="delete-it"
                title="Delete this run and its data?"
                foot=|| {
                    view! {
                        <DialogClose of="delete-it" word="Keep it"/>
                        <Button weight=Weight::Destroy act="delete-point" of="7">"Delete run"</Button>
                    }
                }
            >
                <p>"It goes for good, with 9 volumes in zrh-minio."</p>
                {field("confirm", "Type payments to confirm").autocomplete("off").text()}
            </Dialog>
        </Section>
    }
}

fn fields() -> impl IntoView {
    let zones = || vec![Answer::new("utc", "UTC"), Answer::new("zrh", "Europe/Zurich")];
    let forms = || vec![Answer::new("yaml", "YAML"), Answer::new("json", "JSON"), Answer::new("curl", "curl")];
    view! {
        <Section id="fields" title="Inputs" note="label above, help below, the error between">
            <div class="grid gap-6 sm:grid-cols-2 xl:grid-cols-4">
                {field("i-name", "Name").value("checkout-nightly").help("Up to 48 characters.").text()}
                {field("i-cron", "Cron").value("@every 1d").error("“1d” is not a duration here. Write 24h.").text()}
                {field("i-zone", "Zone").value("zrh").select(zones())}
                {field("i-keep", "Always keep the newest").off("Velero cannot count recovery points; it keeps by age.").text()}
                {field("i-pw", "Password").kind("password").autocomplete("current-password").text()}
                {field("i-ca", "Certificate authority").placeholder("-----BEGIN CERTIFICATE-----").area(3, true)}
                {group("Take", Said::Never, [
                    check("c-vol", "Volumes", || true, Said::Never, Said::Never, |_| ()),
                    check("c-cl", "Cluster-scoped objects", || false, "Those that the volumes need.".into(), Said::Never, |_| ()),
                    check("c-no", "Etcd", || false, Said::Never, "Velero does not take it.".into(), |_| ()),
                ])}
                <div class="grid gap-2 content-start">
                    {Card::new("by", "ns", "Namespaces").help("narrowed by labels").choice(|| true, || ())}
                    {Card::new("by", "app", "An app").off("Velero knows no apps.").choice(|| false, || ())}
                    {seg("Show as", false, "as", forms(), "yaml", |_| ())}
                </div>
            </div>
            {question(
                "mt-4",
                "Protect",
                "A wizard's question.",
                check("c-all", "Everything", || false, Said::Never, Said::Never, |_| ()),
            )}
        </Section>
    }
}

fn lists() -> impl IntoView {
    let count = |n, word: &str, current, sign| Count { n, word: word.into(), href: "?".into(), current, sign };
    let counts = vec![
        count(12, "all", true, None),
        count(4, "need attention", false, Some((Tone::Warn, Glyph::Warn))),
        count(1, "paused", false, Some((Tone::Mute, Glyph::Paused))),
    ];
    let columns = vec![
        Column::new("Definition").sorted("name", "name", |s| format!("?sort={s}")),
        Column::new("System"),
        Column::new("State"),
        Column::num("New data").sorted("size", "name", |s| format!("?sort={s}")),
        Column::new("Last run"),
        Column::hidden("Actions"),
    ];
    view! {
        <Section id="lists" title="Table, tabs, filters">
            <Tabs label="Parts of a run" tabs=vec![("Summary".into(), "#".into(), true), ("Log".into(), "#".into(), false)]/>
            <div class="mt-3"></div>
            <Filters label="Filter definitions" action="/definitions" beside=move || view! { <Tally label="Views" counts/> }>
                <FilterText label="Name or namespace" value=""/>
                <FilterSelect label="Connection" name="connection" answers=vec![Answer::new("", "Any"), Answer::new("z", "velero-zrh")]/>
                <FilterSelect label="State" name="state" answers=vec![Answer::new("", "Any"), Answer::new("paused", "Paused")] value="paused"/>
                <FilterKept name="sort" value="-name"/>
            </Filters>
            <Table label="Definitions" columns wide=true>
                <Row name="payments-nightly" href="#" sub="payments, payments-db">
                    <Cell label="System" sub="zrh-prod-1">"Velero"</Cell>
                    <Cell label="State" sub="1 of 9 volumes missing"><State of=Phase::Partial/></Cell>
                    <Cell label="New data" num=true>"31.6 GiB"</Cell>
                    <Cell label="Last run"><Time at=NOW.plus(-18_000_000) now=NOW/></Cell>
                    <Cell menu=true>
                        <Menu id="m-1" label="Actions for payments-nightly" small=true><a href="#">"Edit…"</a></Menu>
                    </Cell>
                </Row>
                <Row name="orders-us-nightly" href="#" sub="orders" silent=true>
                    <Cell label="System" sub="nyc-prod-1">"Velero"</Cell>
                    <Cell label="State" sub="last seen 14 min ago"><State of=Sign::new(Tone::Mute, Glyph::Silent, "Silent")/></Cell>
                    <Cell label="New data" num=true>"4.2 GiB"</Cell>
                    <Cell label="Last run"><Time at=NOW.plus(-3_600_000) now=NOW told=Told::Exact/></Cell>
                    <Cell menu=true>
                        <Menu id="m-2" label="Actions for orders-us-nightly" small=true><a href="#">"Edit…"</a></Menu>
                    </Cell>
                </Row>
            </Table>
            <Pager label="Pages of definitions" previous=None next="?page=x".to_owned() note="50 of 4,218"/>
            <div class="mt-3"><Bones label="Loading definitions"/></div>
        </Section>
    }
}

fn pictures() -> impl IntoView {
    let days = (0..30)
        .map(|i| {
            let mark = match i {
                11 => DayMark::Partial,
                18 => DayMark::Failed,
                19..=21 => DayMark::Missed,
                25 | 26 => DayMark::Nothing,
                27 => DayMark::Unknown,
                28 => DayMark::Overdue,
                29 => DayMark::Running,
                _ => DayMark::Good,
            };
            Day { begins: NOW.plus((i - 29) * 86_400_000), mark, runs: 1, good: u32::from(mark == DayMark::Good) }
        })
        .collect();
    let hour = 3_600_000;
    let stretch =
        |phase: Phase, title: &str, sub: &str, ms| Stretch { sign: Sign::from(phase).say(title), sub: sub.into(), ms };
    let stretches = vec![
        stretch(Phase::Succeeded, "Queued", "02:30:04, 7 s", 7_000),
        stretch(Phase::Partial, "Collected 4,218 of 4,221 objects", "02:30:11, 3 min 36 s", 216_000),
        stretch(Phase::Running, "Uploading", "02:33:47, 20 min so far", 1_200_000),
        stretch(Phase::Queued, "Finalise", "", 0),
    ];
    view! {
        <Section id="pictures" title="Days, age, progress, phases" note="each has its numbers in words beside it">
            <div class="panel p-4 grid gap-4 sm:grid-cols-3">
                <div><Strip days/><span class="sub">"22 of 28 due days good"</span><StripLegend/></div>
                <div class="grid gap-3 content-start">
                    <div><AgeLine age=7 * hour + 42 * 60_000 rpo=24 * hour/></div>
                    <div><AgeLine age=30 * hour + 12 * 60_000 rpo=24 * hour/></div>
                    <div><AgeLine age=226 * hour rpo=48 * hour/></div>
                    <div><AgeLine age=None rpo=24 * hour/></div>
                    <div><AgeLine age=2 * hour rpo=24 * hour at=Some(NOW.plus(-2 * hour)) as_of=Some("as of 08:28".into())/></div>
                </div>
                <div class="grid gap-3 content-start">
                    <div>
                        <State of=Sign::from(Phase::Running).say("Uploading · 63 %")/>
                        <Bar label="Upload" done=Progress { done: 63, total: Some(100) }/>
                        <span class="sub">"6.5 of 10.3 GiB"</span>
                    </div>
                    <div><Bar label="edge-bern, running"/><span class="sub">"no percentage is reported"</span></div>
                </div>
            </div>
            <div class="mt-3"><Phases stretches/></div>
        </Section>
    }
}

fn messages() -> impl IntoView {
    let error = app::error::ApiError {
        request_id: "7f3a-91c2".into(),
        ..app::error::ApiError::new(app::error::ErrorKind::Upstream, "The bucket refuses the key (403 AccessDenied).")
    };
    view! {
        <Section id="messages" title="Messages">
            <div class="grid gap-3 lg:grid-cols-2">
                <Callout tone=Tone::Bad title="The bucket refuses the key (403 AccessDenied)."><p>"Give the location a new key."</p></Callout>
                <Callout tone=Tone::Warn title="01:30 comes twice on 1 November."><p>"Move it to 03:30, or use UTC."</p></Callout>
                <Callout tone=Tone::Live title="A second run is under way."/>
                <Stale name="nyc-prod-1" reason="connection refused. Next try in 40 s." remedy="Check that its API server runs." seen=NOW.plus(-840_000) now=NOW/>
                <Problem error/>
                <Toast tone=Tone::Good title="ledger-archive saved as version 4." sub="It is being applied." close=Callback::new(|()| ())/>
            </div>
            <div class="mt-3">
                <Panel id="needs" title="Needs you now" note="2, most exposed first">
                    <ol>
                        <Need sign=Sign::unprotected() name="checkout" href="#" what="No definition covers its 4 namespaces." sub=view! { "since 6 days" }.into_any()>
                            <LinkButton href="#" size=Size::Small>"Open definition"</LinkButton>
                        </Need>
                        <Need sign=Sign::from(Phase::Failed) name="storefront" what="The bucket refuses its key (403)."/>
                    </ol>
                </Panel>
            </div>
            <div class="mt-3">
                <Panel id="causes" title="Why it is partial" note="17 messages, 2 causes">
                    <Cause tone=Tone::Bad title="The node was drained during the upload" note="1 error" remedy="Run again: the other volumes send only what changed.">
                        <p>"zrh-prod-1-w07 was cordoned at 02:51:58."</p>
                    </Cause>
                    <Cause tone=Tone::Mute title="12 pods had ended before the run came to them" note="12 warnings"/>
                </Panel>
            </div>
            <div class="mt-3">
                <Empty title="No runs yet" what="Runs appear here within a second of their start.">
                    <LinkButton href="#">"New definition"</LinkButton>
                </Empty>
            </div>
        </Section>
    }
}

fn texts() -> impl IntoView {
    let line = |number, level: &str, text: &str| LogLine {
        number,
        time: "02:31:20".into(),
        level: level.into(),
        text: text.into(),
        rest: "name=payments/api-tls".into(),
    };
    let lines = vec![
        line(212, "warning", "no answer within 10 s"),
        line(1842, "error", "DataUpload is canceled"),
        line(6204, "info", "Backup ended"),
    ];
    view! {
        <Section id="texts" title="Facts, code, log">
            <Facts>
                <Fact label="Recovery point" sub="8 of 9 volumes">"Usable in part"</Fact>
                <Fact label="Took" sub="38 to 44 min in the last 7 runs">"42 min 54 s"</Fact>
                <Fact label="New data">"31.6 GiB"</Fact>
            </Facts>
            <div class="grid gap-4 lg:grid-cols-2 mt-3">
                <Pairs class="panel p-4">
                    <Pair label="Name">"payments-nightly-20261029013000"</Pair>
                    <Pair label="Taken"><MaybeTime at=Some(NOW)/></Pair>
                    <Pair label="Expires"><MaybeTime at=None/></Pair>
                </Pairs>
                <Code
                    label="Example of a schedule"
                    syntax=Syntax::Yaml
                    text="apiVersion: velero.io/v1\nkind: Schedule\nspec:\n  schedule: CRON_TZ=Europe/Zurich 30 2 * * *\n  useOwnerReferencesInBackup: false  # keeps its backups\n"
                />
            </div>
            <div class="panel mt-3"><Fold summary="Volumes, and how each is taken" note="7" open=true><p class="px-4">"CSI snapshots"</p></Fold></div>
            <p class="mt-3">"Press "<Key of="/"/>" to search."</p>
            <div class="mt-3"><LogLines lines/></div>
        </Section>
    }
}

/// The bare column.
pub fn sign_in() -> impl IntoView {
    view! {
        <BareLayout title="Sign in">
            <h1>"Sign in"</h1>
            <form method="post" action="/sign-in" class="grid gap-4 mt-6">
                {field("name", "Name").autocomplete("username").value("platform-admin").text()}
                {field("password", "Password")
                    .kind("password")
                    .autocomplete("current-password")
                    .error("Name or password is wrong.")
                    .text()}
                <Button submit=true size=Size::Tall weight=Weight::Primary>"Sign in"</Button>
            </form>
        </BareLayout>
    }
}
