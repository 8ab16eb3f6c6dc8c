package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Namespace;
import io.github.peft4j.jinja.internal.value.Types;
import java.util.List;

/** What a value can be assigned to. */
public sealed interface Target {

    /** Assigns in a scope. */
    void assign(Frame frame, Object value);

    /** A variable. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            frame.set(name, value);
        }
    }

    /** {@code namespace.attribute}. */
    record Member(String namespace, String attribute) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            Object owner = frame.get(namespace);
            if (!(owner instanceof Namespace found)) {
                throw new TemplateException("cannot set " + namespace + "." + attribute + ": " + namespace
                        + " is no namespace() but '" + Types.name(owner) + "'");
            }
            found.set(attribute, value);
        }
    }

    /** {@code a, b}. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            List<Object> items = Elements.all(frame.run().budget(), value);
            if (items.size() != targets.size()) {
                throw new TemplateException(
                        "cannot assign " + items.size() + " values to " + targets.size() + " variables");
            }
            for (int i = 0; i < items.size(); i++) {
                targets.get(i).assign(frame, items.get(i));
            }
        }
    }
}
