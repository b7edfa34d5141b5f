
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_initial'),
        ('holders', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='QualityLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(default='draft', max_length=10)),
                ('scheme', models.CharField(max_length=40)),
                ('is_publicly_funded', models.BooleanField(default=False)),
                ('answers', models.JSONField(default=dict)),
                ('marks', models.JSONField(default=list)),
                ('percent', models.PositiveSmallIntegerField(null=True)),
                ('letter', models.CharField(blank=True, max_length=1)),
                ('opened_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(null=True)),
                ('granted_on', models.DateField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quality_labels', to='catalogue.dataset')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quality_labels', to='holders.holder')),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LabelEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=71)),
                ('data', models.BinaryField()),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='label.qualitylabel')),
            ],
        ),
        migrations.CreateModel(
            name='LabelAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('reason', models.TextField(blank=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='label.qualitylabel')),
            ],
        ),
        migrations.AddConstraint(
            model_name='qualitylabel',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'returned', 'granted', 'revoked', 'expired', 'withdrawn'])), name='label_state_exists'),
        ),
        migrations.AddConstraint(
            model_name='qualitylabel',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'returned', 'submitted'])), fields=('dataset',), name='label_open_once'),
        ),
        migrations.AddConstraint(
            model_name='qualitylabel',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'granted')), fields=('dataset',), name='label_granted_once'),
        ),
        migrations.AddConstraint(
            model_name='qualitylabel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('expires_on__isnull', True), ('granted_on__isnull', True)), models.Q(('expires_on__isnull', False), ('granted_on__isnull', False)), _connector='OR'), models.Q(models.Q(('state', 'granted'), _negated=True), ('granted_on__isnull', False), _connector='OR')), name='label_granted_until_a_day'),
        ),
        migrations.AddConstraint(
            model_name='qualitylabel',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('submitted_by')), _negated=True), _connector='OR'), name='label_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='qualitylabel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'revoked'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='label_revoked_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='labelevidence',
            constraint=models.UniqueConstraint(fields=('label', 'digest'), name='label_evidence_once'),
        ),
    ]
