"""A server built with Eve, as CloudCasa is, and the simulator answer the same requests alike: etags, paging, filters, 422.

One collection of CloudCasa's (hooks: a name that is unique, a word of four, a list that must be there, a reference) is declared
here to Eve, on a database that is only in memory. What is the vendor's own (the user's address, links) is left out.
"""

import json
import re
import unittest

import eve.io.mongo.flask_pymongo
import mongomock
import requests
from eve import Eve

import stand

SCENARIO = "eve"
NOWHERE = "0" * 24
OTHER = "0" * 40

SETTINGS = {
    "DOMAIN": {
        "kubehooks": {
            "schema": {
                "name": {"type": "string", "minlength": 1, "maxlength": 128, "required": True, "unique": True,
                         "nullable": False},
                "description": {"type": "string", "nullable": False},
                "hook_type": {"type": "string", "allowed": ["PRE_BACKUP", "POST_BACKUP", "POST_RESTORE", "COMMON"],
                              "default": "COMMON", "nullable": False},
                "post_hook": {"type": "objectid", "nullable": False,
                              "data_relation": {"resource": "kubehooks", "field": "_id", "embeddable": True}},
                "tags": {"type": "dict", "valuesrules": {"type": "string"}, "nullable": False},
                "hook": {"type": "list", "required": True, "nullable": False, "schema": {"type": "dict", "schema": {
                    "labels": {"type": "dict", "required": True},
                    "target": {"type": "list", "schema": {"type": "dict", "schema": {
                        "container": {"type": "string"}, "command": {"type": "string"}}}}}}},
            },
        },
    },
    "RESOURCE_METHODS": ["GET", "POST"],
    "ITEM_METHODS": ["GET", "PUT", "PATCH", "DELETE"],
    "XML": False,
    "RENDERERS": ["eve.render.JSONRenderer"],
    "MONGO_DBNAME": "yardstick",
    # CloudCasa answers a write with the whole document, as its captured answers show. All else is Eve's default.
    "BANDWIDTH_SAVER": False,
}

HOOK = [{"labels": {"app": "db"}}]


class Both:
    """The two servers; every request goes to each."""

    def __init__(self):
        eve.io.mongo.flask_pymongo.MongoClient = lambda **kwargs: mongomock.MongoClient(tz_aware=True)
        self.yardstick = Eve(settings=SETTINGS).test_client()
        stand.control(SCENARIO, "cloudcasa", "seed", {"bare": True, "delete_needs_etag": True})
        self.base = f"{stand.address(SCENARIO, 'cloudcasa')}/api/v1"
        self.seen = ({}, {})

    def ask(self, method, path, body=None, match=None, query=None, raw=None):
        """Code and body of both. `{name}` in a path or body is the id of the document of that name, as each server gave it."""
        answers = []
        for side, known in enumerate(self.seen):
            fill = lambda text: re.sub(r"\{(\w+)\}", lambda m: known[m[1]][0], text) if text else text
            data = raw if raw is not None else fill(json.dumps(body)) if body is not None else None
            # Names of documents stand in braces, and so does JSON: only the former is filled in.
            headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if data else {})
            if match is not None:
                headers["If-Match"] = known[match][1] if match in known else match
            if side == 0:
                answer = self.yardstick.open(f"/{fill(path)}", method=method, data=data, headers=headers, query_string=query)
                code, text = answer.status_code, answer.get_data(as_text=True)
            else:
                headers["Authorization"] = f"Bearer {stand.token(SCENARIO)}"
                answer = requests.request(method, f"{self.base}/{fill(path)}", data=data, headers=headers, params=query)
                code, text = answer.status_code, answer.text
            value = json.loads(text) if text.strip() else None
            self.learn(known, value)
            answers.append((code, self.told(known, value)))
        return answers

    def learn(self, known, value):
        """Remembers id and etag of each document by its name."""
        if isinstance(value, dict):
            if "_id" in value and "_etag" in value:
                name = value.get("name") or next((n for n, ids in known.items() if ids[0] == value["_id"]), None)
                if name:
                    known[name] = (value["_id"], value["_etag"])
            for inner in value.values():
                self.learn(known, inner)
        elif isinstance(value, list):
            for inner in value:
                self.learn(known, inner)

    def told(self, known, value):
        """Without what can't be the same on two servers."""
        if isinstance(value, dict):
            kept = {}
            for key, inner in value.items():
                if key in ("_links", "cc_user_email", "organization"):
                    continue
                if key in ("_created", "_updated"):
                    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", inner), inner
                    inner = "a date"
                if key == "_etag":
                    assert re.fullmatch(r"[0-9a-f]{40}", inner), inner
                    inner = "an etag"
                kept[key] = self.told(known, inner)
            return kept
        if isinstance(value, list):
            return [self.told(known, inner) for inner in value]
        if isinstance(value, str):
            for name, (id, _) in known.items():
                value = value.replace(id, f"<{name}>")
        return value


class Yardstick(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.both = Both()

    def same(self, method, path, **how):
        """Asks both; the answers are one, which is returned."""
        (code, body), (simulated, shown) = self.both.ask(method, path, **how)
        self.assertEqual((simulated, shown), (code, body), f"{method} {path} {how}: the simulator's against Eve's")
        return code, body

    def make(self, *names, **more):
        for name in names:
            code, _ = self.same("POST", "kubehooks", body={"name": name, "hook": HOOK, **more})
            self.assertEqual(code, 201)

    def test_creates_and_reads(self):
        self.make("a")
        code, read = self.same("GET", "kubehooks/{a}")
        self.assertEqual((code, read["hook_type"]), (200, "COMMON"))
        self.assertNotIn("_status", read)
        self.assertEqual(self.same("GET", f"kubehooks/{NOWHERE}")[0], 404)
        self.assertEqual(self.same("GET", "kubehooks")[1]["_meta"], {"page": 1, "max_results": 25, "total": 1})

    def test_edits_need_the_right_etag(self):
        self.make("a")
        body = {"name": "a", "description": "changed", "hook": HOOK}
        for method in ("PUT", "PATCH"):
            self.assertEqual(self.same(method, "kubehooks/{a}", body=body)[0], 428)
            self.assertEqual(self.same(method, "kubehooks/{a}", body=body, match=OTHER)[0], 412)
            code, changed = self.same(method, "kubehooks/{a}", body=body, match="a")
            self.assertEqual((code, changed["_status"]), (200, "OK"))
        self.assertEqual(self.same("DELETE", "kubehooks/{a}")[0], 428)
        self.assertEqual(self.same("DELETE", "kubehooks/{a}", match=OTHER)[0], 412)
        self.assertEqual(self.same("DELETE", "kubehooks/{a}", match="a")[0], 204)
        self.assertEqual(self.same("GET", "kubehooks/{a}")[0], 404)

    def test_put_replaces_and_patch_does_not(self):
        self.make("a", description="old", tags={"team": "shop"})
        _, patched = self.same("PATCH", "kubehooks/{a}", body={"tags": {"team": "web"}}, match="a")
        self.same("GET", "kubehooks/{a}")
        self.assertEqual(patched["_status"], "OK")
        self.same("PUT", "kubehooks/{a}", body={"name": "a", "hook": HOOK}, match="a")
        _, read = self.same("GET", "kubehooks/{a}")
        self.assertNotIn("description", read)
        self.assertNotIn("tags", read)

    def test_refuses_what_is_wrong_in_the_same_words(self):
        self.make("taken")
        for body in (
            {},
            {"name": "x"},
            {"name": "", "hook": HOOK},
            {"name": "n" * 129, "hook": HOOK},
            {"name": 7, "hook": HOOK},
            {"name": None, "hook": HOOK},
            {"name": "taken", "hook": HOOK},
            {"name": "x", "hook": "no list"},
            {"name": "x", "hook": HOOK, "hook_type": "SOMETIMES"},
            {"name": "x", "hook": HOOK, "colour": "blue"},
            {"name": "x", "hook": HOOK, "colour": "blue", "hook_type": "SOMETIMES", "description": 5},
            {"name": "x", "hook": [{}]},
            {"name": "x", "hook": [{"labels": {}}, {"labels": "none", "target": [{"container": 5}]}]},
        ):
            with self.subTest(body=body):
                code, told = self.same("POST", "kubehooks", body=body)
                self.assertEqual((code, told["_status"]), (422, "ERR"))
        self.assertEqual(self.same("PATCH", "kubehooks/{taken}", body={"hook_type": "X"}, match="taken")[0], 422)
        self.assertEqual(self.same("PUT", "kubehooks/{taken}", body={"name": "taken"}, match="taken")[0], 422)

    def test_pages(self):
        self.make(*(f"n{number:02}" for number in range(60)))
        for query in (None, {"page": "2"}, {"page": "3"}, {"page": "9"}, {"max_results": "10", "page": "6"},
                      {"max_results": "50"}, {"max_results": "500"}, {"page": "0"}, {"page": "x"},
                      {"max_results": "x"}, {"sort": "-name", "max_results": "5"}, {"sort": "name", "page": "2"},
                      {"sort": '[("name", -1)]', "max_results": "3"}):
            with self.subTest(query=query):
                code, told = self.same("GET", "kubehooks", query=query)
                self.assertEqual((code, told["_meta"]["total"]), (200, 60))

    def test_filters(self):
        self.make("a", "b", description="two", tags={"team": "shop"})
        self.make("c", hook_type="PRE_BACKUP")
        for where, found in (
            ({"name": "a"}, 1), ({"name": {"$in": ["a", "c", "z"]}}, 2), ({"name": {"$nin": ["a"]}}, 2),
            ({"description": {"$exists": False}}, 1), ({"tags.team": "shop"}, 2), ({"name": {"$gt": "a"}}, 2),
            ({"name": {"$gte": "b", "$lt": "c"}}, 1), ({"$or": [{"name": "a"}, {"hook_type": "PRE_BACKUP"}]}, 2),
            ({"hook.labels.app": "db"}, 3), ({"name": {"$ne": "c"}}, 2), ({}, 3),
        ):
            with self.subTest(where=where):
                code, told = self.same("GET", "kubehooks", query={"where": json.dumps(where), "sort": "name"})
                self.assertEqual((code, told["_meta"]["total"]), (200, found))
        for where in ('{"name":', '{"$where": "1"}', '{"name": {"$regex": "a"}}'):
            with self.subTest(where=where):
                self.assertEqual(self.same("GET", "kubehooks", query={"where": where})[0], 400)

    def test_projects_and_embeds(self):
        self.make("b")
        self.make("a", description="x", post_hook="{b}")
        for query in ({"projection": '{"name": 1}'}, {"projection": '{"hook": 0}'}, {"embedded": '{"post_hook": 1}'}):
            with self.subTest(query=query):
                self.assertEqual(self.same("GET", "kubehooks", query=query | {"sort": "name"})[0], 200)
                self.assertEqual(self.same("GET", "kubehooks/{a}", query=query)[0], 200)
        self.assertEqual(self.same("POST", "kubehooks", body={"name": "c", "hook": HOOK, "post_hook": NOWHERE})[0], 422)

    def test_refuses_bodies_that_are_none(self):
        self.make("a")
        self.assertEqual(self.same("POST", "kubehooks", raw="{")[0], 400)
        self.assertEqual(self.same("PATCH", "kubehooks/{a}", raw="[", match="a")[0], 400)
        self.assertEqual(self.same("POST", "kubehooks/{a}", body={})[0], 405)


if __name__ == "__main__":
    stand.main()
