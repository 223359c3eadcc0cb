"""The function behind the search: what some texts are found by.

It is immutable and asks nothing but PostgreSQL's own functions, so that an index can stand
on it and a dump restores in any order. Plain loops, because a query in it would cost more
than all the rest: some 50 µs for the names of a body. `throughline.kernel.search` asks it.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION kernel_words(VARIADIC texts text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text;
    letter text;
    before text;
    code integer;
    words text[];
    found text[] := '{}';
BEGIN
    FOREACH plain IN ARRAY texts LOOP
        CONTINUE WHEN plain IS NULL OR plain = '';
        plain := lower(normalize(plain, NFKC));
        IF octet_length(plain) > char_length(plain) THEN
            before := '';
            FOREACH letter IN ARRAY string_to_array(plain, NULL) LOOP
                code := ascii(letter);
                IF code BETWEEN 13312 AND 19903 OR code BETWEEN 19968 AND 40959
                    OR code BETWEEN 63744 AND 64255 OR code BETWEEN 131072 AND 262143
                THEN
                    found := found || letter;
                    IF before <> '' THEN
                        found := found || (before || letter);
                    END IF;
                    before := letter;
                ELSE
                    before := '';
                END IF;
            END LOOP;
            plain := regexp_replace(plain,
                '[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+', ' ', 'g');
        END IF;
        words := regexp_split_to_array(plain,
            '[\s\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f\uff00-\uffef]+');
        IF char_length(plain) > 100 THEN
            words := ARRAY(SELECT left(word, 100) FROM unnest(words) AS word);
        END IF;
        found := found || words || left(array_to_string(words, ''), 100);
    END LOOP;
    RETURN array_to_tsvector(array_remove(found, ''));
END
$$;
"""

BACK = "DROP FUNCTION kernel_words(text[]);"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_journal_chain")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
