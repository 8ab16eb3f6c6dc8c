package io.github.peft4j.fuzz;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import io.github.peft4j.models.text.template.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Chat templates. */
final class ChatTemplateFormats {

    private static final String FILE = "chat_template.jinja";

    private static final int HEADER = 200;

    private static final List<String> TEMPLATES = List.of(
            "{% for message in messages %}{{ message['role'] + ': ' + message['content']|trim }}</s>{% endfor %}"
                    + "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}",
            "{%- if messages[0].role == 'system' -%}{%- set first = messages[0].content.strip() -%}"
                    + "{%- set rest = messages[1:] -%}{%- else -%}{%- set first = '' -%}{%- set rest = messages -%}"
                    + "{%- endif -%}{{ bos_token }}{%- for m in rest -%}{%- if (m.role == 'user') != (loop.index0 % 2 == 0)"
                    + " -%}{{ raise_exception('roles must alternate') }}{%- endif -%}[{{ m['role']|upper }}] {{ first ~ m"
                    + ".content|replace('a', 'b') }} {{ eos_token }}{%- endfor -%}",
            "{% macro show(m, n=2) %}{{ m.role ~ '-' ~ n }}{{ m|tojson(indent=n) }}{% endmacro %}"
                    + "{{ strftime_now('%d %b %Y') }}{% filter lower %}{{ 'X'.join(['a','b']) }}{% endfilter %}"
                    + "{% set ns = namespace(count=0) %}{% for m in messages if m.content is string %}"
                    + "{% set ns.count = ns.count + 1 %}{{ show(m, n=ns.count) }}{{ range(3)|list|join(',') }}"
                    + "{{ m.content.split(' ')[0][::-1] }}{% else %}none{% endfor %}");

    private static final List<String> WORDS = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{%-",
            "-%}",
            "{#",
            "#}",
            "for",
            "in",
            "endfor",
            "if",
            "elif",
            "else",
            "endif",
            "set",
            "endset",
            "macro",
            "endmacro",
            "call",
            "filter",
            "is",
            "not",
            "and",
            "or",
            "none",
            "true",
            "loop",
            "loop.index",
            "namespace",
            "range(99999999)",
            "range(1000)",
            "messages",
            "message",
            "*",
            "**",
            "//",
            "~",
            "|",
            "|length",
            "|tojson",
            "|join",
            "|sort",
            "|map('upper')",
            "|selectattr('role')",
            "|batch(3)",
            "|groupby('role')",
            "|format",
            "|indent(99999999)",
            "|center(99999999)",
            "|replace('', 'xxxx')",
            "|list",
            "|unique",
            "|round(400)",
            "|int(base=36)",
            "[",
            "]",
            "(",
            ")",
            "{",
            "}",
            ":",
            ",",
            ".",
            "=",
            "==",
            "<",
            ">",
            "%",
            "'",
            "\"",
            "\\",
            "\\ud800",
            "\u001b[31m",
            "9999999999999999999",
            "1e308",
            "-1",
            "0",
            "'x' * 100000000",
            "raise_exception('\u001b]0;x\u0007' * 9999)",
            ".__class__",
            "self",
            "caller()",
            "generation",
            "endgeneration");

    private static final List<Message> CHAT = List.of(
            Message.system("be brief"), Message.user("a cat"), Message.assistant("the mat"), Message.user("why"));

    private ChatTemplateFormats() {}

    static List<Format> all(Path scratch) throws IOException {
        Sample tokenizer = TokenizerFolders.named("byte-level");
        tokenizer.write(scratch);
        return List.of(new Format(
                "chat-template",
                TEMPLATES.stream().map(text -> tokenizer.with(FILE, text)).toList(),
                Map.of(FILE, new TextMutator(WORDS).or(new BytesMutator(HEADER), 0.1)),
                chatting(scratch),
                Set.of(CheckpointException.class, IllegalArgumentException.class)));
    }

    private static Format.Target chatting(Path scratch) {
        Lazy<Tokenizer> tokenizer = new Lazy<>(() -> Tokenizer.open(scratch));
        return folder -> {
            ChatTemplate template = ChatTemplate.open(folder, tokenizer.get());
            template.encode(CHAT, true);
            template.encodeMarked(CHAT);
        };
    }
}
