#!/usr/bin/env python3
"""Writes what transformers renders from chat templates: the fixtures of peft-jinja's tests and of peft-models' tests of package text.

Needs transformers 5.23.0 and jinja2 3.1.6. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_chat.py peft-jinja/src/test/resources/jinja peft-models/src/test/resources/text

templates.json holds small templates, each with what it renders or the fact that it fails. chat.json holds chat templates in the forms
that are in use, conversations, what each makes of each, and which tokens are the assistant's where a template says so. chat_choice.json says
which of the templates of a folder is taken.
"""

import copy
import json
import pathlib
import sys
import tempfile

import jinja2
import tokenizers
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer
from transformers.utils.chat_template_utils import _compile_jinja_template

VARIABLES = {
    "t": True,
    "f": False,
    "n": None,
    "i": 7,
    "m": -7,
    "x": 2.5,
    "s": "a||b||c",
    "u": " né😀\t ",
    "e": "",
    "li": [3, 1, 2],
    "names": ["bob", "Al", "carl", "al"],
    "d": {"b": 1, "a": [1, "x"], "items": 5, "k": None},
    "messages": [
        {"role": "system", "content": "be <brief>"},
        {"role": "user", "content": "hi & \"bye\"\n"},
        {"role": "assistant", "content": "<think>why</think>\n\nso", "tool_calls": []},
    ],
}

EXPRESSIONS = """
t; f; n; i; x; s; u; e; li; d; missing; 1.0; 1e3; 1e16; 1.5e-7; 123456789.25; 0.1 + 0.2; 1e22; 5e-324; 1/3; 100000000000000000.0
[t, n, 1.0, 'it\\'s', "q\\"", 'both \\' "', 'tab\\t', 'é😀', '\\x07\\u00a0\\u200b']; (1,); (1, 'a'); (); {}; [1, [2, {'a': (3,)}]]; d.items(); d.keys(); d.values()
7 // 2; -7 // 2; 7 % 3; -7 % 3; 7 % -3; 7 / 2; 6 / 3; 2 ** 10; 2 ** -1; -2 ** 2; 2 ** 3 ** 2; 7.5 // 2; -7.5 % 2; 7.5 % -2; 1 + t; x * 2; 3 * 1.0; 1 - 2 - 3; 2 + 3 * 4; (2 + 3) * 4; +i; -i; - x; -7.5 // 2
1 / 0; 1 // 0; 1 % 0; 'a' + 1; 1 + 'a'; [1] + (2,); n + 1; missing + 1; 'a' - 'b'; {} + {}; 'a' * 'b'; -s; missing.x; missing['x']; missing[0]; missing(); n.x; n['x']; n[0]; i.x; i[0]; s.nope; s.nope()
'a' * 3; 3 * 'ab'; 'a' * -1; [1, 2] * 2; (1,) * 2; 'a' + 'b'; [1] + [2]; (1,) + (2,); 'a' ~ 1 ~ t ~ n ~ missing ~ [1]; 1 ~ 2 + 3; 'a' ~ 'b' * 2
1 == 1.0; 1 == t; '1' == 1; n == f; missing == n; missing == other; [1, 2] == [1, 2]; [1] == (1,); {'a': 1} == {'a': 1.0}; 'a' != 'b'; 1 < 2 < 3; 1 < 3 < 2; 3 > 2 >= 2; 'a' < 'b'; 'Z' < 'a'; [1, 2] < [1, 3]; [1] < [1, 0]; (1, 2) <= (1, 2)
1 < 'a'; n < 1; [1] < 1; missing < 1; 'a' in 'cat'; 1 in 'cat'; 'role' in messages[0]; 2 in li; 9 not in li; 'a' not in s; 'x' in missing; 'x' in n; n in [n]; [1] in [[1]]; not 'a' in s; '' in ''
t and 1; f or 'x'; n or e or 0; not n; not t; not not t; t and not f or n; 'a' and ''; f and missing.x; t or missing.x; not missing; not 1 == 2; t if i > 5 else f; 'a' if f; 'a' if f else 'b' if f else 'c'; 1 if t else 2 if f else 3
s[0]; s[-1]; s[99]; u[2]; u[3]; u|length; s[1:]; s[:-1]; s[1:3]; s[::-1]; s[::2]; s[5:1:-1]; s[-3:]; s[10:]; s[:99]; s[-99:2]; u[2:4]; s[::0]; s['a']; li[0]; li[-1]; li[5]; li[-9]; li[t]; li[1:]; li[::-1]; li[::-2]; li[2:0:-1]; li[-2:]; li[:n]; (1, 2, 3)[1:]; (1, 2)[0]; li['x']; li[1.0]; d[0]; d[1:]; i[1:]; n[1:]
d.b; d['b']; d.items; d['items']; d.k; d.missing; d['missing']; d.get('b'); d.get('zz'); d.get('zz', 3); d.get('k', 3); d.a.1; d.a[1]; messages[0].role; messages[-1]['content']; messages[1].content.strip(); d.keys()|list; d.values()|list; d.items()|list; d.items()[0]; d.copy(); d.pop('b'); li.append(1); li.index(1); li.index(9); li.count(1); (1, 1).count(1)
s.upper(); s.split('||'); s.split('||', 1); s.rsplit('||', 1); s.split('zz'); s.split(''); ' a  b '.split(); ' a  b c '.split(none, 1); ' a  b c '.rsplit(none, 1); ' a  b c '.rsplit(); 'a,b,c'.split(',')[-1]; ''.split(); ''.split(','); ',a,'.split(','); 'a\\nb\\r\\nc\\n'.splitlines(); 'a\\n\\nb'.splitlines(true); 'aXXbXXc'.rsplit('XX'); 'aaa'.rsplit('aa'); 'aaaa'.split('aa'); 'abc'.partition('b'); 'abc'.rpartition('z'); 'abcb'.rpartition('b'); 'abc'.partition('z')
u.strip(); u.lstrip(); u.rstrip(); '\\n\\nx\\n'.lstrip('\\n'); 'xyax'.strip('xy'); 'xax'.rstrip('x'); s.strip(''); ' x '.strip(none); s.startswith('a|'); s.startswith(('z', 'a')); s.endswith('c'); s.endswith(('x',)); s.startswith(1); 'abc'.removeprefix('a'); 'abc'.removesuffix('bc'); 'abc'.removesuffix(''); s.replace('||', '-'); s.replace('||', '-', 1); 'aaa'.replace('', '-'); 'a😀'.replace('', '-'); s.find('b'); s.find('z'); s.rfind('||'); u.find('é'); s.count('||'); 'aaaa'.count('aa'); 'ab'.count(''); ','.join(['a', 'b']); ','.join([1]); '-'.join('abc'); ','.join({'a': 1, 'b': 2})
'hELLO wORLD'.title(); "it's o'neil x2y".title(); 'hELLO'.capitalize(); 'ß'.upper(); 'ǆ'.capitalize(); ''.capitalize(); 'é'.isalpha(); '12'.isdigit(); ''.isdigit(); 'a1'.isalnum(); ' '.isspace(); 'AB1'.isupper(); '1'.isupper(); 'aB'.islower(); 'İ'.lower(); 'ΑΣ'.lower(); s.upper(1)
s|upper; 'AbC'|lower; 'hello wORLD-foo (bar)'|title; 'hELLO'|capitalize; u|trim; 'xax'|trim('x'); n|upper; i|string; i|trim; li|join; li|join(', '); li|join('-', attribute=0); messages|join(',', attribute='role'); 'abc'|join('.'); missing|join(','); 5|join; s|replace('||', '+'); s|replace('||', '+', 1); 123|replace('2', 'x'); s|reverse; li|reverse|list; li|reverse; 'a\\n\\nb'|indent; 'a\\n\\nb'|indent(2, true); 'a\\n\\nb'|indent(width=2, blank=true); 'a\\nb\\n'|indent('> '); ''|indent
li|length; d|length; s|length; n|length; missing|length; i|count; li|first; e|first; []|first; []|last; li|last; d|first; s|list; d|list; n|list; li|sort; li|sort(reverse=true); names|sort; names|sort(case_sensitive=true); messages|sort(attribute='role')|map(attribute='role')|list; [1, 'a']|sort; d|dictsort; d|dictsort(by='value'); d|dictsort(reverse=true)|list; {'B': 2, 'a': 1}|dictsort; {'B': 2, 'a': 1}|dictsort(true); names|unique|list; names|unique(true)|list; [1, 1.0, 2]|unique|list; li|min; li|max; names|min; []|max; messages|max(attribute='role'); d|items|list; missing|items|list; n|items
messages|map(attribute='role')|list; messages|map(attribute='nope', default='-')|list; messages|map(attribute='nope')|list; names|map('upper')|list; names|map('replace', 'a', 'x')|join; messages|selectattr('role', 'equalto', 'user')|list|length; messages|selectattr('role', 'eq', 'user')|map(attribute='content')|first; messages|selectattr('tool_calls')|list; messages|selectattr('tool_calls', 'defined')|list|length; messages|rejectattr('role', 'in', ['user', 'system'])|list|length; li|select('odd')|list; li|reject('odd')|list; [0, 1, e]|select|list; [0, 1]|reject|list; li|select('>', 1)|list; li|select('nope')|list; names|map('nope')|list; messages|selectattr; messages|map; messages|selectattr('role', 'equalto', 'user')|length; (messages|selectattr('role', 'equalto', 'nobody')) is true
missing|default('x'); missing|default; n|default('x'); n|default('x', true); e|d('y', boolean=true); missing.x|default('z'); -5|abs; (-5)|abs; (-2.5)|abs; s|abs; '12'|int; '12.7'|int; ' 7 '|int; 'x'|int; 'x'|int(-1); 3.9|int; n|int; 'ff'|int(0, 16); '1.5'|float; 'x'|float; '1e3'|float; 5|float; 'x'|float(2.0); 2.5|round; 3.5|round; 2.675|round(2); 2.1|round(0, 'ceil'); 2.19|round(1, 'floor'); 7|round; li|sum; []|sum; messages|sum(attribute='nope'); [[1], [2]]|sum(start=[]); [{'v': 2}, {'v': 3}]|sum(attribute='v')
i is odd; i is even; i is divisibleby 7; i is divisibleby(2); s is odd; n is none; missing is none; missing is defined; n is defined; missing is not defined; d.zz is undefined; t is true; 1 is true; f is false; t is boolean; 1 is integer; t is integer; 1.0 is float; 1 is number; t is number; s is string; d is mapping; li is mapping; li is sequence; s is sequence; d is sequence; i is sequence; li is iterable; d.items() is iterable; missing is iterable; n is iterable; 'ab' is lower; 'AB' is upper; 'Ab' is upper; range is callable; s is callable; n is sameas none; t is sameas true; 1 is sameas true; 1 is eq 1; 1 is ne 2; 3 is gt 2; 3 is lessthan 2; 2 is in li; 'upper' is filter; 'nope' is filter; 'odd' is test; i is nope; not n is none; n is not none and t; s is string and t; li[0] is odd or f; 1 is string if t else 2
messages[0]|tojson; d|tojson; s|tojson; u|tojson; u|tojson(ensure_ascii=true); d|tojson(indent=2); d|tojson(indent=4, sort_keys=true); [1, 2.0, t, n, 1e30, 'a\\x01\\x7f</']|tojson; {}|tojson(indent=2); [[]]|tojson(indent=1); {1: 2, n: 4, 1.5: 5}|tojson; d|tojson(separators=(',', ':')); missing|tojson; (1, 2)|tojson; d.items()|tojson; {'a': missing}|tojson; range|tojson
range(3)|list; range(1, 4)|list; range(4, 0, -2)|list; range(0)|list; range(5, 1)|list; range(0, 3, 0); range(1000000); range('a'); dict(a=1, b=2); dict({'a': 1}, b=3); dict(a=1).a; namespace(a=1).a; namespace(a=1).b; namespace(_a=1); raise_exception('no'); nope(1); s(); {'a': 1}['a']; {'a': 1}.a; {'a': 1, }['a']; [1, 2, ][1]; {[1]: 2}; {(1, 2): 3}; 'a' 'b' "c"; '\\u00e9\\x41\\101\\q\\\\'; 'a\\
b'; "a'b"; 'a"b'; lipsum; cycler; 1_000; 007; 0; 1.; .5; 'a; a b; 1 2; (1; [1; {1; a.; a.1.2; s|; s is; x..y; @; {{ 1 }}; 'a' 1; not; 1 if; -; **li; *li
s.__class__; s['__class__']; d.__class__; li.__class__.__mro__; s.format(1); s.format; '%s' % 1; s|format(1); s|attr('upper'); s|escape; s|safe; (s|safe) + "<"; s|safe ~ '<'; [s|safe, '<']|join; (s|safe) == s; s|safe|tojson; s|safe is string; (e|safe) or 1; s|safe|trim; s|e; ''.__class__.__base__.__subclasses__(); range.__globals__; messages|map(attribute='__class__')|list; namespace().__init__; joiner; self; caller; loop; s.encode()
none|map('upper')|list; 0|select|list; 2.5 is odd; 3.0 is odd; 4.0 is divisibleby 2; s is string is defined; [1] in d; (1,) in d; d.get([1]); 0 ** -1; 0.0 ** -1; 5|indent; li|indent; 'a\\n b'|indent(0); li[missing:]; 2.5 - 1; 2.0 ** 0.5; 1e999; -1e999; 1e999 - 1e999; 1e999 > 1; -1e999 < 1e999; (1e999 - 1e999) == (1e999 - 1e999); (1e999 - 1e999) < 1; [1e999, -1e999, 1e999 - 1e999]|tojson; (1, 2) < (1,); [2] > [1, 5]; [1] == [1, 2]; {'a': 1} == {'b': 1}; {'a': 1} == {}; {'a': 1} == {'a': 2}; 0.0 and 1; () and 1; {} or 1; d.keys() and 1; {}.items() and 1; 1.0 + 'a'; missing[1:]; s['a':]; li['a':]; d.items()|length; 'x'|last; '\\r\\b\\f\\t'|tojson; missing|int; missing|round; 1e999|round; 5|dictsort; s|round; names|map('upper')|last; dict(5); [1] * 'a'; n * 2; 2 * n; 'eq' is test; (s|upper)(); li|first(1); 9007199254740993 == 9007199254740992.0; 9007199254740993 > 9007199254740992.0; namespace() and 1; range and 1; li|map('upper')|list and 1; s == s|safe; d|items|list|length; (1, [2, {'a': (3,)}]) == (1, [2, {'a': (3,)}])
messages|selectattr('role', 'equalto', 'user')|list|tojson; (li|sort)[0]; li|sort|first; (s|upper)[0]; s|upper ~ 'x'; -i|abs; 2 * i|string; li|map('string')|join(',')|upper; i|string|length; s.split('||')|last|upper; (s ~ 'z')|upper; messages|length > 2 and t; messages[1:]|length; messages[1:][0].role; messages|last|tojson; 'x' if messages|length == 3 else 'y'; d.a is string or d.a is not string and d.a is iterable; (messages[0].role == 'system') != (1 % 2 == 0); 1 in li and 2 in li; i > 5 and i < 10 or f
"""

TEMPLATES = [
    "a\n{% if t %}\nb\n{% endif %}\nc\n", "a\n  {% if t %}\n  b\n  {% endif %}\n  c", "a {%- if t %} b {% endif -%} c", "{% if t %}\n\nx{% endif %}\n\n", "  {{ i }}  \n", " {{- i -}} \n x",
    "{#- c -#} x", "a\n  {# c #}\nb", "a {# c #} b\n", "a\n  {%+ if t %}x{% endif %}", "{% if t +%}\nx{% endif %}", "x{% set a = 1 %}\n{{ a }}\n\n", "\n\nx\n\n", "a\r\nb\rc\n", "\u00a0{%- if t -%}\u2003x\u00a0{%- endif %}",
    "{% raw %}{{ x }}{% endraw %}", "a {%- raw -%} {{ x }} {%- endraw -%} b", "a\n  {% raw %}\n{% if %}\n  {% endraw %}\nb", "{{ '{{' }}{{ '}}' }}{{ '%}' }}", "{{ {'a': {'b': 1}} }}", "{{ {'a': {'b': 1}}['a']['b'] }}", "{ { } } { % #", "{", "{{ '#}' }}{# }} #}", "{#-#}x", "{{-1}}", "{{ 1 -}}  x",
    "{% for m in messages %}{{ m.role }}{% if not loop.last %},{% endif %}{% endfor %}", "{% for m in messages if m.role != 'system' %}{{ loop.index }}{{ m.role }}{% endfor %}", "{% for m in [] %}x{% else %}none{% endfor %}", "{% for m in li if m > 5 %}x{% else %}none{% endfor %}", "{% for x in missing %}x{% else %}E{% endfor %}", "{% for x in n %}x{% endfor %}", "{% for x in i %}x{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}", "{% for a, b in [(1, 2), [3, 4]] %}{{ a + b }} {% endfor %}", "{% for a, b in [1] %}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for c in 'añ😀' %}[{{ c }}]{% endfor %}", "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}", "{% for x, in [[1]] %}{{ x }}{% endfor %}",
    "{% for x in li %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}", "{% for x in li %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}", "{% for x in li %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "{% for x in li %}{{ loop.nope }}{% endfor %}", "{% for x in li %}{{ loop['index'] }}{% endfor %}", "{% for x in li %}{% for y in li %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}", "{% for x in li %}{{ loop(1) }}{% endfor %}", "{% for x in li %}{{ loop }}{% endfor %}",
    "{% for x in [1, [2, [3]]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{{ loop.depth }}{% endif %}{% endfor %}", "{% for x in li %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}", "{% for x in li %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "{% for x in li %}{% for y in li %}{% if y == 1 %}{% break %}{% endif %}{{ y }}{% endfor %};{% endfor %}",
    "{% set x = 1 %}{% for y in li %}{% set x = y %}{{ x }}{% endfor %}{{ x }}", "{% set ns = namespace(x=0) %}{% for y in li %}{% set ns.x = ns.x + y %}{% endfor %}{{ ns.x }}", "{% set ns = namespace() %}{% set ns.a = 'x' %}{{ ns.a }}{{ ns.b }}|{{ ns['a'] }}", "{% set ns = namespace(a=1) %}{{ ns }}", "{% set d.a = 1 %}", "{% set q.a = 1 %}", "{% set ns = namespace() %}{% set ns._a = 1 %}", "{% if t %}{% set z = 5 %}{% endif %}{{ z }}", "{% if f %}{% set z = 5 %}{% endif %}[{{ z }}]", "{% for y in li %}{% if loop.first %}{% set z = y %}{% endif %}[{{ z }}]{% endfor %}", "{% for i in li %}{{ i }}{% endfor %}{{ i }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a = 1, 2 %}{{ a }}", "{% set a %}x{{ i }}{% endset %}[{{ a }}]", "{% set a | upper | replace('X', 'y') %}x{{ s }}{% endset %}[{{ a }}]", "{% set a = [] %}{% set a = a + [1] %}{{ a }}", "{% set (a, b) = (1, 2) %}{{ a }}{{ b }}", "{% set true = 1 %}", "{% set 1 = 1 %}", "{% set a %}{% set inner = 1 %}{% endset %}[{{ inner }}]", "{% set messages = messages[1:] %}{{ messages|length }}", "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('a', 'b')|upper %}cat{% endfilter %}", "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "{% with a = i, i = 1 %}{{ a }}{{ i }}{% endwith %}",
    "{% macro f(a, b=2, c=b) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(1, c=9) }} {{ f(b=5, a=4) }} {{ f() }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(b=2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, a=2) }}", "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, x=3) }}", "{% macro f() %}{{ i }}{% set i = 1 %}{{ i }}{% endmacro %}{{ f() }}{{ i }}", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "{{ f(1) }}{% macro f(a) %}x{% endmacro %}", "{% macro f(a) %} x {% endmacro %}[{{ f(1)|trim }}]{{ f(1) is string }}", "{% macro f(a, b=1, c) %}{% endmacro %}", "{% macro f(x) %}{% for y in x %}{{ y }}{{ caller(y) }}{% endfor %}{% endmacro %}{% call(z) f(li) %}<{{ z }}{{ i }}>{% endcall %}", "{% macro f() %}{{ caller() }}{% endmacro %}{% call f() %}x{% endcall %}", "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}", "{% macro f() %}x{% endmacro %}{% call f() %}x{% endcall %}", "{% call 1 %}x{% endcall %}",
    "{% for x in li %}{% macro f() %}{{ x }}{% endmacro %}{{ f() }}{% endfor %}", "{% set x = 1 %}{% macro f() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ f() }}", "{% macro f(*a) %}{% endmacro %}", "{% macro f(d) %}{{ d|tojson }}{% endmacro %}{{ f(messages[0]) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(*[1]) }}{{ f(**{'a': 2}) }}",
    "{% if f %}{% elif n %}{% elif t %}x{% else %}y{% endif %}", "{% if f %}a{% else %}b{% endif %}", "{% if missing %}a{% endif %}b", "{% if %}{% endif %}", "{% if t %}", "{% endif %}", "{% for x in li %}", "{% else %}", "{% nope %}", "{% if t %}{% endfor %}", "{{ 1", "{% if t", "{# x", "{% raw %}", "{{ }}", "{% set a %}", "{% block a %}x{% endblock %}", "{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{% if t: %}x{% endif %}", "{% if (t) %}x{% endif %}", "{% if not(f) %}x{% endif %}", "{% for x in(li) %}{{ x }}{% endfor %}", "{%if t%}x{%endif%}", "{{i}}{{'x'}}", "{{ 1, 2 }}", "{{ 1, }}",
    "{% generation %}a{{ i }}{% endgeneration %}", "x\n{% generation %}\ny\n{% endgeneration %}\nz", "{% set g = 1 %}{% generation %}{% set g = 2 %}{% endgeneration %}{{ g }}", "{% generation x %}{% endgeneration %}", "{% generation %}",
    "{% set x = messages|selectattr('role', 'equalto', 'user') %}{{ x|list|length }}{{ x|list|length }}", "{% set x = messages|selectattr('role', 'equalto', 'nobody') %}{% if x %}yes{% endif %}", "{% set content = messages[2].content %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1].lstrip('\\n') %}{% endif %}{{ content }}", "{% set ns = namespace(multi=true, last=messages|length - 1) %}{% for m in messages[::-1] %}{% set index = (messages|length - 1) - loop.index0 %}{% if ns.multi and m.role == 'user' %}{% set ns.multi = false %}{% set ns.last = index %}{% endif %}{% endfor %}{{ ns.last }}",
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% endif %}{{ loop_messages|length }}{{ system_message }}", "{% if tools is defined and tools is not none %}T{% else %}N{% endif %}", "{{ messages | map(attribute='content') | map('trim') | join('|') }}", "{% for m in messages %}{{ '<|' ~ m['role'] ~ '|>\\n' ~ (m['content'] | trim) ~ '\\n' }}{% endfor %}", "{%- for m in messages -%}\n  {{- m.role }}\n{% endfor -%}\n  end", "{{- '' }}\n{%- if t %}\n    {{- 'a\\n' }}\n{%- endif %}\n", "{% set first = true %}{% for m in messages %}{{ 'F' if first else 'N' }}{% set first = false %}{% endfor %}",
    "{%- set d = dict(a=1, b={'c': 2}) -%}{{ d.b.c }}{{ d['a'] }}", "{{ messages[0].keys() | list }}{{ messages[2].tool_calls is defined and messages[2].tool_calls is not none }}", "{{ 'a' if messages[2].tool_calls else 'b' }}", "{%- for k, v in messages[0]|dictsort -%}{{ k }}:{{ v }} {% endfor -%}", "{{ li | sort | join(',') }}\n\n{{ li | reverse | join(',') }}", "{{ (messages[0].content + ' ' + messages[1].content).strip().split('\\n')[0] }}", "{% set m = {'role': 'user', 'content': s} %}{{ m.role }}{{ m|tojson }}", "{%- if i is not string and i is number and i not in [1, 2] -%}ok{%- endif -%}",
]


def render(template):
    try:
        text = _compile_jinja_template(template).render(**copy.deepcopy(VARIABLES))
        # What prints a memory address cannot be compared, and nobody means it.
        return {"template": template, "fails": True} if " at 0x" in text else {"template": template, "text": text}
    except Exception:  # noqa: BLE001 - that it fails is the expectation; the words are ours
        return {"template": template, "fails": True}


def jinja_fixture():
    expressions = [e.strip() for line in EXPRESSIONS.strip().replace("\\\n", "\\\x00").split("\n") for e in line.split("; ")]
    templates = ["{{ " + e.replace("\\\x00", "\\\n") + " }}" for e in expressions] + TEMPLATES
    return {"variables": VARIABLES, "cases": [render(t) for t in templates]}


# Chat templates in the forms that published models have, written for these tests.
CHAT_TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "chatml-lines": "{%- for message in messages %}\n    {{- '<|im_start|>' ~ message.role ~ '\\n' }}\n    {{- message.content ~ '<|im_end|>\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n",
    "default-system": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe helpful.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "llama-2": "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = '<<SYS>>\n' + messages[0]['content'] | trim + '\n<</SYS>>\n\n' %}{% else %}{% set rest = messages %}{% set system = '' %}{% endif %}{% for message in rest %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 %}{% set content = system + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "llama-3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "llama-3.1": "{{- bos_token }}\n{%- if not date_string is defined %}\n    {%- set date_string = '26 Jul 2024' %}\n{%- endif %}\n{%- if messages[0]['role'] == 'system' %}\n    {%- set system_message = messages[0]['content']|trim %}\n    {%- set messages = messages[1:] %}\n{%- else %}\n    {%- set system_message = '' %}\n{%- endif %}\n{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}\n{{- 'Today Date: ' + date_string + '\\n\\n' }}\n{{- system_message }}\n{{- '<|eot_id|>' }}\n{%- for message in messages %}\n    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}\n        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}\n    {%- elif message.role == 'tool' %}\n        {{- message.content | tojson }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}\n{%- endif %}\n",
    "mistral-1": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
    "mistral-3": "{%- if messages[0][\"role\"] == \"system\" %}\n    {%- set system_message = messages[0][\"content\"] %}\n    {%- set loop_messages = messages[1:] %}\n{%- else %}\n    {%- set loop_messages = messages %}\n{%- endif %}\n{%- set user_messages = loop_messages | selectattr(\"role\", \"equalto\", \"user\") | list %}\n{%- set ns = namespace() %}\n{%- set ns.index = 0 %}\n{%- for message in loop_messages %}\n    {%- if not (message.role == \"tool\" or (message.tool_calls is defined and message.tool_calls is not none)) %}\n        {%- if (message[\"role\"] == \"user\") != (ns.index % 2 == 0) %}\n            {{- raise_exception(\"Roles must alternate\") }}\n        {%- endif %}\n        {%- set ns.index = ns.index + 1 %}\n    {%- endif %}\n{%- endfor %}\n{{- bos_token }}\n{%- for message in loop_messages %}\n    {%- if message[\"role\"] == \"user\" %}\n        {%- if loop.last and system_message is defined %}\n            {{- \"[INST] \" + system_message + \"\\n\\n\" + message[\"content\"] + \"[/INST]\" }}\n        {%- else %}\n            {{- \"[INST] \" + message[\"content\"] + \"[/INST]\" }}\n        {%- endif %}\n    {%- elif message[\"role\"] == \"assistant\" %}\n        {{- \" \" + message[\"content\"]|trim + eos_token}}\n    {%- else %}\n        {{- raise_exception(\"Only user and assistant roles are supported\") }}\n    {%- endif %}\n{%- endfor %}\n",
    "qwen-2.5": "{%- if tools %}\n    {{- raise_exception('no tools here') }}\n{%- else %}\n    {%- if messages[0]['role'] == 'system' %}\n        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n    {%- else %}\n        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}\n    {%- endif %}\n{%- endif %}\n{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) or (message.role == \"assistant\" and not message.tool_calls) %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- elif message.role == \"assistant\" %}\n        {%- for tool_call in message.tool_calls %}\n            {{- tool_call.arguments | tojson }}\n        {%- endfor %}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n",
    "qwen-3": "{%- set ns = namespace(multi_step=true, last=messages|length - 1) %}\n{%- for message in messages[::-1] %}\n    {%- set index = (messages|length - 1) - loop.index0 %}\n    {%- if ns.multi_step and message.role == \"user\" and not (message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}\n        {%- set ns.multi_step = false %}\n        {%- set ns.last = index %}\n    {%- endif %}\n{%- endfor %}\n{%- for message in messages %}\n    {%- if message.role == \"assistant\" %}\n        {%- set content = message.content %}\n        {%- set reasoning = '' %}\n        {%- if '</think>' in content %}\n            {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}\n            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}\n        {%- endif %}\n        {%- if loop.index0 > ns.last %}\n            {{- '<|im_start|>assistant\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}\n        {%- else %}\n            {{- '<|im_start|>assistant\\n' + content }}\n        {%- endif %}\n        {{- '<|im_end|>\\n' }}\n    {%- else %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n    {%- if enable_thinking is defined and enable_thinking is false %}\n        {{- '<think>\\n\\n</think>\\n\\n' }}\n    {%- endif %}\n{%- endif %}",
    "zephyr": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "gemma": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "phi-3": "{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}",
    "vicuna": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] | trim + '\n\n' %}{% else %}{% set loop_messages = messages %}{% set system_message = '' %}{% endif %}{{ bos_token + system_message }}{% for message in loop_messages %}{% if message['role'] == 'user' %}{{ 'USER: ' + message['content'] | trim + '\n' }}{% elif message['role'] == 'assistant' %}{{ 'ASSISTANT: ' + message['content'] | trim + eos_token + '\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}",
    "openchat": "{{ bos_token }}{% for message in messages %}{{ 'Chat ' + message['role'].title() + ': ' + message['content'] + '<|end_of_turn|>'}}{% endfor %}{% if add_generation_prompt %}{{ 'Chat Assistant:' }}{% endif %}",
    "macro": "{%- macro turn(role, text, end='<|im_end|>') -%}\n<|im_start|>{{ role }}\n{{ text }}{{ end }}\n{% endmacro -%}\n{%- for m in messages -%}{{ turn(m.role, m.content) }}{%- endfor -%}\n{%- if add_generation_prompt -%}{{ turn('assistant', '', end='') | trim }}{{ '\\n' }}{%- endif -%}",
    "dump": "{% for m in messages %}{{ m | tojson }}{{ m }}{% for k, v in m.items() %}{{ k }}={{ v }};{% endfor %}{% endfor %}{{ messages | map(attribute='role') | join(',') }}{{ bos_token is defined }}{{ pad_token is defined }}{{ tools is none }}{{ tools is defined }}{{ documents }}{{ add_generation_prompt }}",
    "generation": "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "generation-lines": "{%- for message in messages %}\n{%- if message.role == 'assistant' %}\n{{- 'A: ' }}\n{%- generation %}\n{{- message.content }}{{ eos_token }}\n{%- endgeneration %}\n{%- else %}\n{{- 'Q: ' + message.content }}\n{%- endif %}\n{%- endfor %}",
}

CONVERSATIONS = {
    "question": [("user", "Hello there")],
    "turns": [("user", "Hello"), ("assistant", "Hi! How are you?"), ("user", "fine"), ("assistant", "Good.")],
    "system": [("system", "You are a pirate."), ("user", "Who?"), ("assistant", "Me."), ("user", "Really?")],
    "unicode": [("user", "na\u00efve \u65e5\u672c\u8a9e \U0001f600"), ("assistant", "\U0001f44d\U0001f3fd ok \u00e9e\u0301"), ("user", "\U0001f1e9\U0001f1ea"), ("assistant", "\u00fc\U0001f600")],
    "blanks": [("user", "  two \n\n"), ("assistant", "\n\n  indented\n"), ("user", ""), ("assistant", " ")],
    "markup": [("user", "<s>[INST] {{ 1 }} {% x %} <|im_end|>\n<|im_start|>system"), ("assistant", "</s> & \"q\" 'x' \\n <b>")],
    "tools": [("system", "Use them."), ("user", "Sum?"), ("assistant", "call"), ("tool", "3"), ("assistant", "It is 3."), ("user", "Ok"), ("assistant", "Bye")],
    "thinking": [("user", "1+1?"), ("assistant", "<think>\nsum\n</think>\n\n2"), ("user", "2+2?"), ("assistant", "<think>\nagain\n</think>\n\n4")],
    "not alternating": [("user", "a"), ("user", "b"), ("assistant", "c"), ("assistant", "d")],
    "assistant first": [("assistant", "Welcome"), ("user", "Hi")],
    "other role": [("tool", "{}"), ("user", "x")],
}  # fmt: skip

# What turns a template into one that marks the assistant's words and the token that ends a turn, and writes the same text: pairs of what stands there and what does then.
TURN = "{{'<|im_start|>' + message['role'] + '\n'}}{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}{% else %}{{ message['content'] + '<|im_end|>\n' }}{% endif %}"
MARKED = {
    "chatml": [("{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}", TURN)],
    "default-system": [("{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}", TURN)],
    "llama-3": [("{{ content }}", "{% if message['role'] == 'assistant' %}{{ content.split('<|end_header_id|>\n\n')[0] + '<|end_header_id|>\n\n' }}{% generation %}{{ message['content'] | trim + '<|eot_id|>' }}{% endgeneration %}{% else %}{{ content }}{% endif %}")],
    "llama-2": [("{{ ' ' + content.strip() + ' ' + eos_token }}", "{% generation %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endgeneration %}")],
    "mistral-1": [("{{ message['content'] + eos_token + ' ' }}", "{% generation %}{{ message['content'] + eos_token }}{% endgeneration %}{{ ' ' }}")],
    "vicuna": [("{{ 'ASSISTANT: ' + message['content'] | trim + eos_token + '\n' }}", "{{ 'ASSISTANT:' }}{% generation %}{{ ' ' + message['content'] | trim + eos_token }}{% endgeneration %}{{ '\n' }}")],
    "qwen-3": [
        ("{{- '<|im_start|>assistant\\n<think>\\n' + reasoning", "{{- '<|im_start|>assistant\\n' }}{%- generation %}{{- '<think>\\n' + reasoning"),
        ("content.lstrip('\\n') }}\n        {%- else", "content.lstrip('\\n') + '<|im_end|>' }}{%- endgeneration %}\n        {%- else"),
        ("{{- '<|im_start|>assistant\\n' + content }}", "{{- '<|im_start|>assistant\\n' }}{%- generation %}{{- content + '<|im_end|>' }}{%- endgeneration %}"),
        ("{{- '<|im_end|>\\n' }}", "{{- '\\n' }}"),
    ],
    "phi-3": [
        ("{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}", "{{'<|assistant|>\n'}}{% generation %}{{ message['content'] + '<|end|>' }}{% if loop.last and not add_generation_prompt %}{{ '\n' + eos_token }}{% endif %}{% endgeneration %}{% if not loop.last or add_generation_prompt %}{{ '\n' }}{% endif %}"),
        ("{% else %}{{ eos_token }}{% endif %}", "{% elif messages[-1]['role'] != 'assistant' %}{{ eos_token }}{% endif %}"),
    ],
}  # fmt: skip


def marked(name):
    """The template that says which text is the assistant's; those that do not say it and have no marked form give None."""
    template = CHAT_TEMPLATES[name]
    for old, new in MARKED.get(name, []):
        assert template.count(old) == 1, (name, old)
        template = template.replace(old, new)
    return template if name in MARKED or "generation" in name else None


def chat_fixture():
    tokenizer_folder = toy_chat_folder()
    with tempfile.TemporaryDirectory() as work:
        for file, content in tokenizer_folder.items():
            (pathlib.Path(work) / file).write_text(json.dumps(content), encoding="utf-8")
        tokenizer = AutoTokenizer.from_pretrained(work)
    cases = []
    for name, template in CHAT_TEMPLATES.items():
        for title, turns in CONVERSATIONS.items():
            messages = [{"role": role, "content": content} for role, content in turns]
            case = {"template": name, "conversation": title}
            for key, prompt in (("text", False), ("prompt", True)):
                try:
                    case[key] = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=prompt)
                except Exception:  # noqa: BLE001
                    case[key] = None
            if case["text"] is not None:
                case["ids"] = tokenizer.apply_chat_template(messages, chat_template=template)["input_ids"]
            if marked(name) is not None and case["text"] is not None:
                assert tokenizer.apply_chat_template(messages, chat_template=marked(name), tokenize=False) == case["text"], (name, title)
                made = tokenizer.apply_chat_template(messages, chat_template=marked(name), return_dict=True, return_assistant_tokens_mask=True)
                case["assistant"] = made["assistant_masks"]
            cases.append(case)
    conversations = {title: [list(turn) for turn in turns] for title, turns in CONVERSATIONS.items()}
    return {"folder": tokenizer_folder, "templates": CHAT_TEMPLATES, "conversations": conversations, "cases": cases}


def toy_chat_folder():
    """A byte-level tokenizer with the special tokens of the templates."""
    special = ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|end|>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(["user assistant system Hello, how are you? \n\n"] * 3, trainer)
    # Puts <s> before a text, which a chat must not get on top of its template's own.
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>"}
    return {"tokenizer.json": json.loads(tokenizer.to_str()), "tokenizer_config.json": config, "config.json": {"model_type": "llama"}}


NAMED = [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]
CONFIGS = {
    "text": "c",
    "list": NAMED,
    "dict": {"rag": "r", "default": "d"},
    "list without default": NAMED[:1],
    "dict without default": {"rag": "r"},
    "twice": [*NAMED, {"name": "default", "template": "e"}],
    "odd others": {"rag": 1, "default": "d"},
    "no template in the list": [{"name": "default"}],
    "empty list": [],
    "null": None,
    "empty": "",
}
FILES = {
    "none": {},
    "own": {"chat_template.jinja": "o"},
    "own and more": {"chat_template.jinja": "o", "additional_chat_templates/rag.jinja": "r"},
    "more alone": {"additional_chat_templates/rag.jinja": "r"},
    "default among more": {"chat_template.jinja": "o", "additional_chat_templates/default.jinja": "x"},
    "more default alone": {"additional_chat_templates/default.jinja": "x"},
    "another ending": {"additional_chat_templates/default.txt": "x"},
}


def chosen(files, config):
    with tempfile.TemporaryDirectory() as folder:
        base = Tokenizer(models.WordLevel({"a": 0, "?": 1}, unk_token="?"))
        base.save(folder + "/tokenizer.json")
        pathlib.Path(folder, "additional_chat_templates").mkdir()
        for name, text in files.items():
            pathlib.Path(folder, name).write_text(text)
        pathlib.Path(folder, "tokenizer_config.json").write_text(
            json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": config})
        )
        try:
            return AutoTokenizer.from_pretrained(folder).get_chat_template()
        except (ValueError, KeyError):
            return None


def choice_fixture():
    """Which of the templates of a folder is taken where there are no tools; null where there is none or it cannot be told."""
    cases = []
    for name, files in FILES.items():
        for form, config in CONFIGS.items() if name in ("none", "another ending") else {"list": NAMED}.items():
            cases.append({"name": f"{name}, {form}", "files": files, "config": config, "chosen": chosen(files, config)})
    return {"cases": cases}


def main(engine, chats):
    versions = {"transformers": transformers.__version__, "jinja2": jinja2.__version__, "tokenizers": tokenizers.__version__}
    for folder, name, fixture in (
        (engine, "templates.json", jinja_fixture()),
        (chats, "chat.json", chat_fixture()),
        (chats, "chat_choice.json", choice_fixture()),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"metadata": versions, **fixture}, ensure_ascii=False, separators=(",", ":"))
        (folder / name).write_text(text.replace('{"template":', '\n{"template":') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
