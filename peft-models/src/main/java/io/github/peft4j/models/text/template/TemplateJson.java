package io.github.peft4j.models.text.template;

import io.github.peft4j.jinja.internal.rendering.JsonText;
import io.github.peft4j.models.internal.json.JsonQuoting.Escaping;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.util.function.Consumer;

/** Writes JSON for templates. */
final class TemplateJson {

    private TemplateJson() {}

    static void write(Object value, JsonText.Layout layout, JsonText.View view, Consumer<String> out) {
        JsonWriter json = JsonWriter.PYTHON
                .escaping(layout.ascii() ? Escaping.ASCII : Escaping.UNICODE)
                .viewing(view::plain);
        String indent = layout.indent();
        if (indent != null) {
            json = json.indented(indent);
        }
        if (!layout.separators().isEmpty()) {
            json = json.separators(
                    layout.separators().get(0), layout.separators().get(1));
        }
        json.write(value, out);
    }
}
